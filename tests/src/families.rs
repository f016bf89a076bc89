//! The pointers and cells of one thread, and those of many, under the same names.

/// `Rc`, `RefCell`, `OnceCell`.
pub mod rc {
    pub use std::cell::{OnceCell as Once, RefCell as Slot};
    pub use std::rc::{Rc as Strong, Weak};

    /// Opens a slot for writing.
    pub fn open<T: ?Sized>(slot: &Slot<T>) -> std::cell::RefMut<'_, T> {
        slot.borrow_mut()
    }

    /// Whether a slot could be opened now, with nothing left behind by whoever had it open before.
    pub fn is_at_rest<T: ?Sized>(slot: &Slot<T>) -> bool {
        slot.try_borrow_mut().is_ok()
    }

    /// Opens a slot for reading, unless somebody has it open in a way that rules this out.
    pub fn look<T: ?Sized>(slot: &Slot<T>) -> Option<std::cell::Ref<'_, T>> {
        slot.try_borrow().ok()
    }
}

/// `Arc`, `Mutex`, `OnceLock`.
pub mod arc {
    pub use std::sync::{Arc as Strong, Mutex as Slot, OnceLock as Once, Weak};

    /// Opens a slot for writing.
    ///
    /// # Panics
    ///
    /// If it is poisoned.
    pub fn open<T: ?Sized>(slot: &Slot<T>) -> std::sync::MutexGuard<'_, T> {
        slot.lock().expect("not poisoned")
    }

    /// Whether a slot could be opened now, with nothing left behind by whoever had it open before.
    pub fn is_at_rest<T: ?Sized>(slot: &Slot<T>) -> bool {
        slot.try_lock().is_ok()
    }

    /// Opens a slot for reading, unless somebody has it open in a way that rules this out.
    pub fn look<T: ?Sized>(slot: &Slot<T>) -> Option<std::sync::MutexGuard<'_, T>> {
        slot.try_lock().ok()
    }
}

/// The same items twice: in a module `rc`, where `Strong`, `Weak`, `Slot`, `Once`, `open`, `look` and `is_at_rest` are those of one
/// thread, and in a module `arc`, where they are those of many. The items see what is imported around the macro.
#[macro_export]
macro_rules! each_family {
    ($($item:item)*) => {
        mod rc {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::families::rc::*;
            #[allow(unused_imports)]
            use $crate::deeds::rc as deeds;
            #[allow(unused_imports)]
            use $crate::graphs::rc as graphs;
            #[allow(unused_imports)]
            use $crate::plan::rc as plan;
            $($item)*
        }
        mod arc {
            #[allow(unused_imports)]
            use super::*;
            #[allow(unused_imports)]
            use $crate::families::arc::*;
            #[allow(unused_imports)]
            use $crate::deeds::arc as deeds;
            #[allow(unused_imports)]
            use $crate::graphs::arc as graphs;
            #[allow(unused_imports)]
            use $crate::plan::arc as plan;
            $($item)*
        }
    };
}
