//! Types of other crates.

mod collections;
mod concurrent_maps;
mod locks;
mod values;
