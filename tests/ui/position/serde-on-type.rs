use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(serde)]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
