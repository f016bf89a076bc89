struct One(u32);

deepclone::impl_deep_clone! {
    impl for One {} unsafe impl Sync for One = |one, _cloner| Ok(One(one.0))
}

fn main() {}
