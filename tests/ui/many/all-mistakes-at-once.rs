use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(default, bound = 1)]
struct Cache<T> {
    #[deepclone(skip, clone, clone)]
    entries: Vec<T>,
    #[deepclone(with = "copy")]
    hits: u32,
}

#[derive(DeepClone)]
enum State {
    #[deepclone(clone)]
    Open(#[deepclone(crate = deepclone)] u32),
    Closed(#[deepclone(serde = 1)] u32),
}

fn main() {}
