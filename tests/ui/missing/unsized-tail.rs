use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct Connections {
    count: usize,
    sockets: [Socket],
}

fn main() {}
