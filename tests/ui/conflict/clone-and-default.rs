use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(clone, default)]
    entries: Vec<u8>,
}

fn main() {}
