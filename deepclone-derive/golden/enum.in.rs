enum Shape<T> {
    Point,
    Circle(T, u32),
    Named {
        name: String,
        #[deepclone(default)]
        area: Option<u32>,
    },
}
