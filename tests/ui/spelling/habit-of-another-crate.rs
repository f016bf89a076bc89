use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(skip)]
    entries: Vec<u8>,
}

fn main() {}
