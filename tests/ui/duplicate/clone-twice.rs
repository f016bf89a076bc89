use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(clone, clone)]
    entries: Vec<u8>,
}

fn main() {}
