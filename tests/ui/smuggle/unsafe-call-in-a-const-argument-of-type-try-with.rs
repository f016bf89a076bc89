use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
#[deepclone(try_with = add::<{ forge() }>)]
struct Account {
    balance: u32,
}

fn add<const N: u32>(account: &Account, _cloner: &mut Cloner<'_>) -> Result<Account, Error> {
    Ok(Account { balance: account.balance + N })
}

const unsafe fn forge() -> u32 {
    1
}

fn main() {}
