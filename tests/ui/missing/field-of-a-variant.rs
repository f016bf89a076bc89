use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
enum Connection {
    Closed,
    Open { socket: Socket },
}

fn main() {}
