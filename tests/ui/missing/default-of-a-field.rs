use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct Connection {
    #[deepclone(default)]
    socket: Socket,
}

fn main() {}
