use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(try_with)]
    entries: Vec<u8>,
}

fn main() {}
