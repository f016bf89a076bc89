use deepclone::DeepClone;

#[derive(DeepClone)]
struct Handle {
    raw: *mut u8,
}

fn main() {}
