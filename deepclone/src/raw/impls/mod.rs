//! The impls of [`DeepClone`](crate::DeepClone), by kind.

mod boxed;
pub(crate) mod cells;
mod ext;
#[cfg(any(feature = "std", feature = "indexmap-2", feature = "hashbrown-0_17"))]
mod hashed;
mod iterators;
#[cfg(feature = "std")]
mod locks;
mod maps;
mod once;
mod plain;
mod product;
mod rows;
pub(crate) mod shared;
mod sum;
mod text;
