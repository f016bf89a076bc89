use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = Err(())?)]
    name: String,
}

fn main() {}
