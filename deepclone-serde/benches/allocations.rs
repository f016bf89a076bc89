//! What a copy through serde allocates, beside `Clone` and bincode 2.0.1, and without the pool of buffers. A bench of its own, since what counts takes time.
//!
//! `cargo bench -p deepclone-serde --features bincode --bench allocations`.

mod values;

use allocation_counter::measure;
use bincode::config::standard;
use serde::{Serialize, de::DeserializeOwned};
use values::{config, document, floats, map, on_large_stack, small};

fn count<T>(copy: impl Fn() -> T) -> u64 {
    // What is allocated once and kept is not the copy's.
    drop(copy());
    let mut copied = None;
    measure(|| copied = Some(copy())).count_total
}

fn compare<T: Serialize + DeserializeOwned + Clone>(name: &str, value: &T) {
    let clone = count(|| value.clone());
    let ours = count(|| deepclone_serde::copy(value).unwrap());
    let fresh = count(|| deepclone_serde::Copier::new().copy(value).unwrap());
    let through_bincode = count(|| -> T {
        let buffer = bincode::serde::encode_to_vec(value, standard()).unwrap();
        bincode::serde::decode_from_slice(&buffer, standard())
            .unwrap()
            .0
    });
    println!(
        "{name:<28} allocations {ours:>6}, without the pool {fresh:>6}, Clone {clone:>6}, bincode {through_bincode:>6}"
    );
}

fn main() {
    on_large_stack(|| {
        compare("Vec<f64> 100k", &floats());
        compare("config tree", &config());
        compare("HashMap<String, Vec<String>>", &map());
        compare("20k small numeric structs", &small());
        compare("document, 400 deep", &document(400));
        compare("one small struct", &small()[0]);
    });
}
