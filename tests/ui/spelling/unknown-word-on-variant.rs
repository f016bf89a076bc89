use deepclone::DeepClone;

#[derive(DeepClone)]
enum Shape {
    #[deepclone(other)]
    Point,
}

fn main() {}
