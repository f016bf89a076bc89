use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(crate = deepclone)]
    entries: Vec<u8>,
}

fn main() {}
