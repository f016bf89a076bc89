use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = "T: DeepClone")]
#[deepclone(bound = "U: DeepClone")]
struct Pair<T, U> {
    left: T,
    right: U,
}

fn main() {}
