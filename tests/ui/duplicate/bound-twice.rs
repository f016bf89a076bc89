use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = "T: DeepClone", bound = "U: DeepClone")]
struct Pair<T, U> {
    left: T,
    right: U,
}

fn main() {}
