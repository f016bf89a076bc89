use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(cloen)]
    entries: Vec<u8>,
}

fn main() {}
