use deepclone::DeepClone;

#[derive(DeepClone)]
enum Shape {
    #[deepclone(clone)]
    Circle(u32),
    Point,
}

fn main() {}
