struct Packet<T: ?Sized> {
    head: u32,
    body: T,
}
