use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct Connection {
    #[deepclone(clone)]
    socket: Socket,
}

fn main() {}
