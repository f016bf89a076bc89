use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account
where
    [(); forge()]: Sized,
{
    balance: u32,
}

const unsafe fn forge() -> usize {
    1
}

fn main() {}
