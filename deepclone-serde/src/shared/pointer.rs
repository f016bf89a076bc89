//! `Rc` and `Arc` as one: what a shared edge needs of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::{self, Rc};
use std::sync::{self, Arc};

mod sealed {
    /// Keeps the set of pointers ours.
    pub trait Sealed {}
}

/// A pointer type that [`shared`](crate::shared) keeps the identity of: `Rc<T>`, `Arc<T>` and their `Weak<T>`, with a `T` of known
/// size, a text or a slice.
///
/// # Examples
///
/// ```
/// use deepclone_serde::shared::SharedPointer;
///
/// fn is_shared<P: SharedPointer>() -> bool { true }
/// assert!(is_shared::<std::rc::Weak<u8>>());
/// assert!(is_shared::<std::sync::Arc<str>>());
/// ```
pub trait SharedPointer: sealed::Sealed + Sized {
    /// What it points to.
    type Target: ?Sized + 'static;
    /// What is read where that has no size.
    #[doc(hidden)]
    type Owned;
    #[doc(hidden)]
    type Strong: Strong<Target = Self::Target, Owned = Self::Owned>;
    #[doc(hidden)]
    fn edge(&self) -> Edge<Self::Strong>;
    #[doc(hidden)]
    fn from_strong(strong: Self::Strong) -> Self;
    /// `None` if only a strong edge will do.
    #[doc(hidden)]
    fn from_weak(weak: <Self::Strong as Strong>::Weak) -> Option<Self>;
}

/// Where an edge leads.
#[doc(hidden)]
#[derive(Debug)]
pub enum Edge<S> {
    Strong(S),
    Weak(S),
    Dangling,
}

/// The strong pointers.
#[doc(hidden)]
pub trait Strong: sealed::Sealed + Clone + 'static {
    type Target: ?Sized + 'static;
    type Owned;
    type Weak: Clone + 'static;
    fn new(target: Self::Owned) -> Self;
    fn target(&self) -> &Self::Target;
    fn address(&self) -> usize;
    fn downgrade(&self) -> Self::Weak;
    /// A weak edge to nothing.
    fn dangling() -> Self::Weak;
    /// Makes the target while a weak edge to it is at hand; `None` if the target has no size and so can't be made in place.
    fn cyclic<E>(
        make: impl FnOnce(&Self::Weak) -> Result<Self::Owned, E>,
    ) -> Option<Result<Self, E>>;
}

/// Leaves a constructor that knows no failure.
struct WayOut;

macro_rules! pointers {
    ($([$($generic:ident)?] $target:ty, $owned:ty, $strong:ident, $module:ident {
        new: $new:expr, dangling: $dangling:expr, cyclic: $make:ident => $cyclic:expr,
    })*) => {$(
        impl<$($generic: 'static)?> sealed::Sealed for $strong<$target> {}
        impl<$($generic: 'static)?> sealed::Sealed for $module::Weak<$target> {}

        impl<$($generic: 'static)?> SharedPointer for $strong<$target> {
            type Target = $target;
            type Owned = $owned;
            type Strong = Self;

            fn edge(&self) -> Edge<Self> {
                Edge::Strong(self.clone())
            }
            fn from_strong(strong: Self) -> Self {
                strong
            }
            fn from_weak(_weak: $module::Weak<$target>) -> Option<Self> {
                None
            }
        }

        impl<$($generic: 'static)?> SharedPointer for $module::Weak<$target> {
            type Target = $target;
            type Owned = $owned;
            type Strong = $strong<$target>;

            fn edge(&self) -> Edge<$strong<$target>> {
                self.upgrade().map_or(Edge::Dangling, Edge::Weak)
            }
            fn from_strong(strong: $strong<$target>) -> Self {
                $strong::downgrade(&strong)
            }
            fn from_weak(weak: Self) -> Option<Self> {
                Some(weak)
            }
        }

        impl<$($generic: 'static)?> Strong for $strong<$target> {
            type Target = $target;
            type Owned = $owned;
            type Weak = $module::Weak<$target>;

            fn new(target: $owned) -> Self {
                $new(target)
            }
            fn target(&self) -> &$target {
                self
            }
            fn address(&self) -> usize {
                $strong::as_ptr(self).cast::<()>().addr()
            }
            fn downgrade(&self) -> $module::Weak<$target> {
                $strong::downgrade(self)
            }
            fn dangling() -> $module::Weak<$target> {
                $dangling
            }
            fn cyclic<E>(
                $make: impl FnOnce(&$module::Weak<$target>) -> Result<$owned, E>,
            ) -> Option<Result<Self, E>> {
                $cyclic
            }
        }
    )*};
}

/// `new_cyclic` with a failure.
macro_rules! fallible {
    ($strong:ident, $make:expr) => {{
        let mut failure = None;
        let made = catch_unwind(AssertUnwindSafe(|| {
            $strong::new_cyclic(|weak| match $make(weak) {
                Ok(target) => target,
                Err(error) => {
                    failure = Some(error);
                    resume_unwind(Box::new(WayOut))
                }
            })
        }));
        match (made, failure) {
            (Ok(strong), _) => Ok(strong),
            (Err(_), Some(error)) => Err(error),
            (Err(panic), None) => resume_unwind(panic),
        }
    }};
}

macro_rules! kinds {
    ($($strong:ident, $module:ident;)*) => {$(
        pointers! {
            [T] T, T, $strong, $module {
                new: $strong::new,
                dangling: $module::Weak::new(),
                cyclic: make => Some(fallible!($strong, make)),
            }
            [] str, Box<str>, $strong, $module {
                new: $strong::from,
                dangling: $strong::downgrade(&$strong::from("")),
                cyclic: _make => None,
            }
            [T] [T], Box<[T]>, $strong, $module {
                new: $strong::from,
                dangling: {
                    let empty: $strong<[T]> = $strong::new([]);
                    $strong::downgrade(&empty)
                },
                cyclic: _make => None,
            }
        }
    )*};
}

kinds! {
    Rc, rc;
    Arc, sync;
}
