use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    history: [u8; length()],
}

const unsafe fn length() -> usize {
    3
}

fn main() {}
