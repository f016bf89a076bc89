use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = "none")]
    balance: u32,
}

fn main() {}
