use deepclone::DeepClone;

#[derive(DeepClone)]
#[repr(C, packed)]
struct Header {
    #[deepclone(default)]
    checksum: u32,
    length: u16,
}

fn main() {}
