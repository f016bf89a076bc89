struct One<T>(T);

deepclone::impl_deep_clone! { impl<T = u8> for One<T> = |one, cloner| Ok(One(cloner.deep_clone(&one.0)?)) }

fn main() {}
