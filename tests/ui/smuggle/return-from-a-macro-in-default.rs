use deepclone::DeepClone;

macro_rules! leave {
    () => {
        return Ok(())
    };
}

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = leave!())]
    name: String,
}

fn main() {}
