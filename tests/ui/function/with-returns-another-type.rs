use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = half)]
    balance: u32,
}

fn half(balance: &u32) -> u64 {
    u64::from(balance / 2)
}

fn main() {}
