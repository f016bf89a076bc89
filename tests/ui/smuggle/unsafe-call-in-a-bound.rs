use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(bound = "[(); forge()]: Sized")]
struct Account {
    balance: u32,
}

const unsafe fn forge() -> usize {
    1
}

fn main() {}
