use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(with)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
