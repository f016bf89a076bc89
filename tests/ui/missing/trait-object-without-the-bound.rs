use deepclone::DeepClone;

trait Shape {}

#[derive(DeepClone)]
struct Picture {
    shapes: Vec<Box<dyn Shape>>,
}

fn main() {}
