use deepclone::{Cloner, DeepClone};

#[derive(DeepClone)]
struct Account {
    #[deepclone(try_with = half)]
    balance: u32,
}

fn half(balance: &u32, _cloner: &mut Cloner<'_>) -> Result<u32, std::fmt::Error> {
    Ok(balance / 2)
}

fn main() {}
