use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = return Ok(()))]
    name: String,
}

fn main() {}
