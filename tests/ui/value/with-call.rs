use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(with = Vec::clone(entries))]
    entries: Vec<u8>,
}

fn main() {}
