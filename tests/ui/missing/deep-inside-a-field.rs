use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct Connection {
    name: String,
    sockets: Vec<Box<Socket>>,
}

fn main() {}
