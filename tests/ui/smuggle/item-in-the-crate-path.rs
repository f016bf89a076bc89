use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(crate = deepclone::{self, __private})]
struct One {
    value: u8,
}

fn main() {}
