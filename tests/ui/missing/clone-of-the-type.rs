use deepclone::DeepClone;

#[derive(DeepClone)]
#[deepclone(clone)]
struct Connection {
    port: u16,
}

fn main() {}
