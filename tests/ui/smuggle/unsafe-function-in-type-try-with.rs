use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
#[deepclone(try_with = forge)]
struct Account {
    balance: u32,
}

unsafe fn forge(account: &Account, _cloner: &mut Cloner<'_>) -> Result<Account, Error> {
    Ok(Account { balance: account.balance })
}

fn main() {}
