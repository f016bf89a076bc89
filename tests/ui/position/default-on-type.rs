use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(default)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
