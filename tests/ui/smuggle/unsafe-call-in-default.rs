use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = std::mem::zeroed())]
    balance: u32,
}

fn main() {}
