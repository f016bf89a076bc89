//! Types of other crates.

mod collections;
mod concurrent_maps;
mod concurrent_maps_in_cells;
mod locks;
mod maps_in_values;
mod values;
