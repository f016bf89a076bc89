//! The impls of [`DeepClone`](crate::DeepClone), by kind.

mod boxed;
pub(crate) mod cells;
mod ext;
mod iterators;
#[cfg(feature = "std")]
mod locks;
mod maps;
mod plain;
mod product;
mod rows;
pub(crate) mod shared;
mod sum;
mod text;
