use deepclone::{Cloner, DeepClone, Error};

#[derive(DeepClone)]
struct Account {
    #[deepclone(try_with = add::<{ forge() }>)]
    balance: u32,
}

fn add<const N: u32>(balance: &u32, _cloner: &mut Cloner<'_>) -> Result<u32, Error> {
    Ok(balance + N)
}

const unsafe fn forge() -> u32 {
    1
}

fn main() {}
