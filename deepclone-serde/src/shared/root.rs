//! The value that a copy starts from, and whether it is the target of an edge.

use std::any::type_name;

/// The value that a copy starts from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    address: usize,
    name: &'static str,
}

/// An allocation that an edge leads to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) address: usize,
    pub(super) size: usize,
    pub(super) name: &'static str,
}

impl Root {
    pub(super) fn of<T: ?Sized>(value: &T) -> Self {
        Self {
            address: std::ptr::from_ref(value).cast::<()>().addr(),
            name: type_name::<T>(),
        }
    }

    /// Whether the root lies in the allocation of `target`.
    pub(super) fn is_within(&self, target: &Target) -> bool {
        (target.address..target.address + target.size).contains(&self.address)
    }

    /// Whether the root, which lies within, is all of `target`, a cell or lock around it aside. It could be one of its parts.
    pub(super) fn is_all_of(&self, target: &Target) -> bool {
        content(self.name) == content(target.name)
    }
}

/// The name of what is in cells and locks.
fn content(mut name: &str) -> &str {
    while let Some((outer, inner)) = name.split_once('<') {
        let outer = outer.rsplit("::").next();
        if !matches!(
            outer,
            Some("RefCell" | "Cell" | "Mutex" | "RwLock" | "OnceCell" | "OnceLock")
        ) {
            break;
        }
        name = inner.strip_suffix('>').unwrap_or(inner);
    }
    name
}
