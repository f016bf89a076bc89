use deepclone::DeepClone;

#[derive(DeepClone)]
struct One<T> {
    #[deepclone(bound = "T: DeepClone", bound = "T: Clone")]
    value: T,
}

fn main() {}
