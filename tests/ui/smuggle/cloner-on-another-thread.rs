use deepclone::{Cloner, Error, impl_deep_clone};

struct Account(String);

fn copy(account: &Account, cloner: &mut Cloner<'_>) -> Result<Account, Error> {
    let name = std::thread::scope(|scope| scope.spawn(|| cloner.deep_clone(&account.0)).join());
    Ok(Account(name.unwrap()?))
}

impl_deep_clone! { impl for Account = copy }

fn main() {}
