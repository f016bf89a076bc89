use deepclone::Cloner;

fn main() {
    let _ = Cloner::default();
}
