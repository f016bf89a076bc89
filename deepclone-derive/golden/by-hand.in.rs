#[deepclone(try_with = Self::copy, crate = crate::reexports::deepclone)]
struct Ring<T> {
    slot: T,
}
