use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
struct Account {
    #[deepclone(try_with = forge)]
    balance: u32,
}

unsafe fn forge(balance: &u32, _cloner: &mut Cloner<'_>) -> Result<u32, Error> {
    Ok(*balance)
}

fn main() {}
