use deepclone::DeepClone;

#[derive(DeepClone)]
enum Shape {
    #[deepclone(crate = deepclone)]
    Circle(u32),
    Point,
}

fn main() {}
