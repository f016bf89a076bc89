//! `Rc` and `Arc` as one: what a shared edge needs of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::{self, Rc};
use std::sync::{self, Arc};

mod sealed {
    /// Keeps the set of pointers ours.
    pub trait Sealed {}
}

/// A pointer type that [`shared`](crate::shared) keeps the identity of: `Rc<T>`, `Arc<T>` and their `Weak<T>`.
///
/// # Examples
///
/// ```
/// use deepclone_serde::shared::SharedPointer;
///
/// fn is_shared<P: SharedPointer>() -> bool { true }
/// assert!(is_shared::<std::rc::Weak<u8>>());
/// ```
pub trait SharedPointer: sealed::Sealed + Sized {
    /// What it points to.
    type Target: 'static;
    #[doc(hidden)]
    type Strong: Strong<Target = Self::Target>;
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
    type Target: 'static;
    type Weak: Clone + Default + 'static;
    fn new(target: Self::Target) -> Self;
    fn target(&self) -> &Self::Target;
    fn address(&self) -> usize;
    fn downgrade(&self) -> Self::Weak;
    /// Makes the target while a weak edge to it is at hand.
    fn cyclic<E>(make: impl FnOnce(&Self::Weak) -> Result<Self::Target, E>) -> Result<Self, E>;
}

/// Leaves a constructor that knows no failure.
struct WayOut;

macro_rules! pointers {
    ($($strong:ident, $module:ident;)*) => {$(
        impl<T: 'static> sealed::Sealed for $strong<T> {}
        impl<T: 'static> sealed::Sealed for $module::Weak<T> {}

        impl<T: 'static> SharedPointer for $strong<T> {
            type Target = T;
            type Strong = Self;

            fn edge(&self) -> Edge<Self> {
                Edge::Strong(self.clone())
            }
            fn from_strong(strong: Self) -> Self {
                strong
            }
            fn from_weak(_weak: $module::Weak<T>) -> Option<Self> {
                None
            }
        }

        impl<T: 'static> SharedPointer for $module::Weak<T> {
            type Target = T;
            type Strong = $strong<T>;

            fn edge(&self) -> Edge<$strong<T>> {
                self.upgrade().map_or(Edge::Dangling, Edge::Weak)
            }
            fn from_strong(strong: $strong<T>) -> Self {
                $strong::downgrade(&strong)
            }
            fn from_weak(weak: Self) -> Option<Self> {
                Some(weak)
            }
        }

        impl<T: 'static> Strong for $strong<T> {
            type Target = T;
            type Weak = $module::Weak<T>;

            fn new(target: T) -> Self {
                $strong::new(target)
            }
            fn target(&self) -> &T {
                self
            }
            fn address(&self) -> usize {
                $strong::as_ptr(self).addr()
            }
            fn downgrade(&self) -> $module::Weak<T> {
                $strong::downgrade(self)
            }
            fn cyclic<E>(
                make: impl FnOnce(&$module::Weak<T>) -> Result<T, E>,
            ) -> Result<Self, E> {
                let mut failure = None;
                let made = catch_unwind(AssertUnwindSafe(|| {
                    $strong::new_cyclic(|weak| match make(weak) {
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
            }
        }
    )*};
}

pointers! {
    Rc, rc;
    Arc, sync;
}
