use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct Connection {
    name: String,
    socket: Socket,
}

fn main() {}
