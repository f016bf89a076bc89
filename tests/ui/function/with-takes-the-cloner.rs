use deepclone::{Cloner, DeepClone};

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = half)]
    balance: u32,
}

fn half(balance: &u32, _cloner: &mut Cloner<'_>) -> u32 {
    balance / 2
}

fn main() {}
