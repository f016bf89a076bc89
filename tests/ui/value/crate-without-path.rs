use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(crate)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
