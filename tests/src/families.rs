//! The pointers and cells of one thread, and those of many, under the same names.

/// What a test asks the handles of one kind of pointer.
#[doc(hidden)]
#[macro_export]
macro_rules! handles {
    ($strong:ident) => {
        /// Whether two handles are to one allocation.
        #[allow(dead_code)]
        pub fn same<A: ?Sized, B: ?Sized>(a: &$strong<A>, b: &$strong<B>) -> bool {
            std::ptr::addr_eq($strong::as_ptr(a), $strong::as_ptr(b))
        }

        /// Strong and weak counts.
        #[allow(dead_code)]
        pub fn counts<T: ?Sized>(of: &$strong<T>) -> (usize, usize) {
            ($strong::strong_count(of), $strong::weak_count(of))
        }
    };
}

/// `Rc`, `RefCell`, `OnceCell`.
pub mod rc {
    pub use std::cell::{OnceCell as Once, RefCell as Slot};
    pub use std::rc::{Rc as Strong, Weak};

    handles!(Strong);

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

    handles!(Strong);

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

/// The same items twice: in a module `rc`, where `Strong`, `Weak`, `Slot`, `Once`, `open`, `look`, `is_at_rest`, `same` and `counts` are those of one
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

/// Names for one kind of pointer and one kind of cell, where the families are too few: `Strong`, `Weak`, `Slot`, `same`, `counts`, and `open`, which
/// opens a cell by this method.
#[macro_export]
macro_rules! pointers_and_cells {
    ($strong:path, $weak:path, $slot:path, $open:ident) => {
        use $slot as Slot;
        use $strong as Strong;
        #[allow(unused_imports)]
        use $weak as Weak;

        fn open<T: ?Sized>(slot: &Slot<T>) -> impl std::ops::DerefMut<Target = T> + '_ {
            slot.$open()
                .expect("nobody has it open, and it is not poisoned")
        }

        $crate::handles!(Strong);
    };
}

/// Calls a macro of the test's with what [`pointers_and_cells!`] takes, and the name of a module before that: for each pointer in the cell that it goes
/// with, and for `Arc` with `RwLock`.
#[macro_export]
macro_rules! each_kind {
    ($macro:ident) => {
        $macro!(
            rc_in_ref_cells,
            std::rc::Rc,
            std::rc::Weak,
            std::cell::RefCell,
            try_borrow_mut
        );
        $macro!(
            arc_in_mutexes,
            std::sync::Arc,
            std::sync::Weak,
            std::sync::Mutex,
            try_lock
        );
        $macro!(
            arc_in_rw_locks,
            std::sync::Arc,
            std::sync::Weak,
            std::sync::RwLock,
            try_write
        );
    };
}

/// As [`each_kind!`], and for the pointers in the cells that nobody would put them in.
#[macro_export]
macro_rules! each_mix {
    ($macro:ident) => {
        $crate::each_kind!($macro);
        $macro!(
            rc_in_mutexes,
            std::rc::Rc,
            std::rc::Weak,
            std::sync::Mutex,
            try_lock
        );
        $macro!(
            rc_in_rw_locks,
            std::rc::Rc,
            std::rc::Weak,
            std::sync::RwLock,
            try_write
        );
        $macro!(
            arc_in_ref_cells,
            std::sync::Arc,
            std::sync::Weak,
            std::cell::RefCell,
            try_borrow_mut
        );
    };
}
