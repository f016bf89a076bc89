#[repr(C, packed)]
struct Header {
    kind: u8,
    length: u32,
}
