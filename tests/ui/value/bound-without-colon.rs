use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = "T DeepClone")]
struct One<T> {
    value: T,
}

fn main() {}
