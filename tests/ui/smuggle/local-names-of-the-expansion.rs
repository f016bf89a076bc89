use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = dst.addr() + engine + at + failed)]
    balance: usize,
}

fn main() {}
