#[deepclone(clone)]
struct Wrapper<T>(T);
