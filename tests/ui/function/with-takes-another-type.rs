use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = half)]
    balance: u32,
}

fn half(balance: &u64) -> u32 {
    (balance / 2) as u32
}

fn main() {}
