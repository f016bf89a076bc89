use deepclone::DeepClone;

struct Socket;

#[derive(DeepClone)]
struct One<T> {
    value: T,
}

fn main() {
    One { value: Socket }.deep_clone();
}
