use deepclone::DeepClone;

macro_rules! leave {
    () => {
        return Ok(())
    };
}

#[derive(DeepClone)]
struct Account {
    #[deepclone(with = add::<{ leave!() }>)]
    balance: u32,
}

fn add<const N: u32>(balance: &u32) -> u32 {
    balance + N
}

fn main() {}
