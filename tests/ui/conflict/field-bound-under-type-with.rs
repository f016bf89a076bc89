use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(try_with = Cache::copy)]
struct Cache<T> {
    #[deepclone(bound = "T: Clone")]
    entries: Vec<T>,
}

fn main() {}
