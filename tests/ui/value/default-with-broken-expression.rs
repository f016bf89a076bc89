use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache {
    #[deepclone(default = 1 +)]
    entries: Vec<u8>,
}

fn main() {}
