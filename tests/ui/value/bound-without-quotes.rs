use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = T)]
struct One<T> {
    value: T,
}

fn main() {}
