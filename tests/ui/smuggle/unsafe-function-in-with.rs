use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = forge)]
    balance: u32,
}

unsafe fn forge(balance: &u32) -> u32 {
    *balance
}

fn main() {}
