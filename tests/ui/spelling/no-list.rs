use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone]
    entries: Vec<u8>,
}

fn main() {}
