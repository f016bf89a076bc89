struct One<T>(T);

deepclone::impl_deep_clone! {
    impl<T> for One<T> where T: deepclone::DeepClone {} unsafe impl<T: Copy> Send for One<T> where T: Copy
        = |one, cloner| Ok(One(cloner.deep_clone(&one.0)?))
}

fn main() {}
