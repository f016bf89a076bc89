use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = break 'failed 0)]
    name: String,
}

fn main() {}
