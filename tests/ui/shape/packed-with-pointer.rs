use deepclone::DeepClone;

#[derive(DeepClone)]
#[repr(C, packed)]
struct Header {
    length: u16,
    next: *const u8,
}

fn main() {}
