use deepclone::DeepClone;

macro_rules! forge {
    () => {
        std::mem::zeroed()
    };
}

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = forge!())]
    balance: u32,
}

fn main() {}
