//! Types of other crates: one file for each crate and major version, behind a feature of the same name.

#[cfg(feature = "arrayvec-0_7")]
mod arrayvec_0_7;
#[cfg(feature = "dashmap-6")]
mod dashmap_6;
#[cfg(feature = "either-1")]
mod either_1;
#[cfg(feature = "hashbrown-0_17")]
mod hashbrown_0_17;
#[cfg(feature = "indexmap-2")]
mod indexmap_2;
mod leaves;
#[cfg(feature = "papaya-0_2")]
mod papaya_0_2;
#[cfg(feature = "parking_lot-0_12")]
mod parking_lot_0_12;
#[cfg(feature = "smallvec-1")]
mod smallvec_1;
