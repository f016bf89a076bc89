use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = "T: DeepClone {} unsafe impl<T> DeepClone for Vec<T> where T: Copy")]
struct One<T> {
    value: T,
}

fn main() {}
