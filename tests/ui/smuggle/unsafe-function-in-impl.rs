use deepclone::{Cloner, Error, impl_deep_clone};

struct Account {
    balance: u32,
}

unsafe fn forge(account: &Account, _: &mut Cloner<'_>) -> Result<Account, Error> {
    Ok(Account { balance: account.balance })
}

impl_deep_clone! { impl for Account = forge }

fn main() {}
