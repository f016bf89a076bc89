use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(with = |entries| entries.clone())]
    entries: Vec<u8>,
}

fn main() {}
