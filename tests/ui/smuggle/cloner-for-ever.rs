use deepclone::{Cloner, Error, impl_deep_clone};

struct Account;

fn copy(_: &Account, _: &'static mut Cloner<'static>) -> Result<Account, Error> {
    Ok(Account)
}

impl_deep_clone! { impl for Account = copy }

fn main() {}
