use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(rename_all = "camelCase")]
struct Cache {
    entries: Vec<u8>,
}

fn main() {}
