use deepclone::DeepClone;

#[derive(DeepClone, Clone)]
#[deepclone(clone, with = Cache::copy)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
