struct One(*const u32);

deepclone::impl_deep_clone! {
    impl for One = |one, _cloner| Ok(One(one.0)); unsafe impl Send for One {}
}

fn main() {}
