use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(clone = true)]
    entries: Vec<u8>,
}

fn main() {}
