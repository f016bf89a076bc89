use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone = "clone"]
    entries: Vec<u8>,
}

fn main() {}
