use deepclone::DeepClone;

fn copy(text: &String) -> String {
    text.clone()
}

#[derive(DeepClone)]
struct Text {
    #[deepclone(with = "copy", default)]
    first: String,
    #[deepclone(with = "copy", with = copy)]
    second: String,
}

fn main() {}
