use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(clone(deep))]
    entries: Vec<u8>,
}

fn main() {}
