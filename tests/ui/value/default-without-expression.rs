use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(default =)]
    entries: Vec<u8>,
}

fn main() {}
