struct One<T>(T);

deepclone::impl_deep_clone! {
    impl<T> for One<T> {} unsafe impl<T: Copy> for Option<T> = |one, cloner| Ok(One(cloner.deep_clone(&one.0)?))
}

fn main() {}
