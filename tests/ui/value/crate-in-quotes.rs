use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(crate = "deepclone")]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
