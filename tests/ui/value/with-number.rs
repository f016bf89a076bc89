use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(with = 3)]
    entries: Vec<u8>,
}

fn main() {}
