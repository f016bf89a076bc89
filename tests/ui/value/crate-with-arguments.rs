use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(crate = deepclone::<u8>)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
