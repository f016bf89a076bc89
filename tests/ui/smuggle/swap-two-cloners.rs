use deepclone::Cloner;

fn swap(one: &mut Cloner<'_>, other: &mut Cloner<'_>) {
    std::mem::swap(one, other);
}

fn main() {}
