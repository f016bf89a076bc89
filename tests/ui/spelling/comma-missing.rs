use deepclone::DeepClone;

#[derive(DeepClone)]
struct One<T> {
    #[deepclone(clone bound = "T: Clone")]
    value: T,
}

fn main() {}
