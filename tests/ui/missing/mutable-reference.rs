use deepclone::DeepClone;

#[derive(DeepClone)]
struct Borrower<'a> {
    count: &'a mut u32,
}

fn main() {}
