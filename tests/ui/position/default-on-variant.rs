use deepclone::DeepClone;

#[derive(DeepClone)]
enum Shape {
    #[deepclone(default = 7)]
    Circle(u32),
    Point,
}

fn main() {}
