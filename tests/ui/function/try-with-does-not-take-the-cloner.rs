use deepclone::{DeepClone, Error};

#[derive(DeepClone)]
struct Account {
    #[deepclone(try_with = half)]
    balance: u32,
}

fn half(balance: &u32) -> Result<u32, Error> {
    Ok(balance / 2)
}

fn main() {}
