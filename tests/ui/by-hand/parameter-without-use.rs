struct Account;

deepclone::impl_deep_clone! { impl<T> for Account = |_account, _cloner| Ok(Account) }

fn main() {}
