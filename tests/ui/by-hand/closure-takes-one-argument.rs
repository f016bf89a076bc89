struct Account;

deepclone::impl_deep_clone! { impl for Account = |_account| Ok(Account) }

fn main() {}
