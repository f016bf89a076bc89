use deepclone::DeepClone;

#[derive(DeepClone, Clone)]
#[deepclone(clone)]
struct Cache {
    #[deepclone(default)]
    entries: Vec<u8>,
}

fn main() {}
