use deepclone::DeepClone;
use deepclone::__private::Engine;

fn place(number: &Box<u32>, engine: &mut Engine<'_>) -> bool {
    number.__place(std::ptr::null_mut(), engine).is_ok()
}

fn main() {}
