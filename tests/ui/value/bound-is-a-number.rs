use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = 1)]
struct One<T> {
    value: T,
}

fn main() {}
