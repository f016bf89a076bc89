use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = add::<{ forge() }>)]
    balance: u32,
}

fn add<const N: u32>(balance: &u32) -> u32 {
    balance + N
}

const unsafe fn forge() -> u32 {
    1
}

fn main() {}
