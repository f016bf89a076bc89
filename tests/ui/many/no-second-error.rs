use deepclone::DeepClone;

#[derive(DeepClone)]
struct Cache<T> {
    #[deepclone(skip)]
    entries: Vec<T>,
}

#[derive(DeepClone)]
struct Server {
    cache: Cache<u8>,
}

fn main() {
    let server = Server { cache: Cache { entries: vec![1] } };
    let copy = server.deep_clone();
    assert_eq!(copy.cache.entries, [1]);
}
