use deepclone::DeepClone;

#[derive(DeepClone)]
#[repr(C, packed)]
struct Header {
    length: u16,
    name: String,
}

fn main() {}
