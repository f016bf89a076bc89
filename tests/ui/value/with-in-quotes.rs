use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(with = "Vec::clone")]
    entries: Vec<u8>,
}

fn main() {}
