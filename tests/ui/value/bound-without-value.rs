use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound)]
struct One<T> {
    value: T,
}

fn main() {}
