//! Panics of user code: kept until the operation has ended, then let go on.

use alloc::boxed::Box;
use core::any::Any;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs user code and catches its panic.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn catch<R>(code: impl FnOnce() -> R) -> Result<R, Payload> {
    // After a panic the operation fails and what the code has touched is taken apart or given back.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(code))
}

/// Drops a value of the user's while a panic waits to go on. Only one can: another is swallowed here.
pub(crate) fn drop_beside_panic<T>(value: T) {
    if let Err(second) = catch(|| drop(value)) {
        if let Err(third) = catch(|| drop(second)) {
            core::mem::forget(third);
        }
    }
}

/// Whether a panic's message has a word in it.
pub(crate) fn mentions(payload: &Payload, word: &str) -> bool {
    let text = payload
        .downcast_ref::<alloc::string::String>()
        .map(|text| text.as_str());
    text.or(payload.downcast_ref::<&str>().copied())
        .is_some_and(|text| text.contains(word))
}

/// Lets a panic go on.
#[cfg(feature = "std")]
pub(crate) fn resume(payload: Payload) -> ! {
    std::panic::resume_unwind(payload)
}

/// Runs user code. Without `std` its panic can't be caught, and must not leave through the operation, which it would leave half done: a panic while another one
/// is under way ends the program.
#[cfg(not(feature = "std"))]
#[inline]
pub(crate) fn catch<R>(code: impl FnOnce() -> R) -> Result<R, Payload> {
    struct NoWayOut;
    impl Drop for NoWayOut {
        fn drop(&mut self) {
            panic!("without the feature `std`, code that a deep clone runs must not panic");
        }
    }
    let no_way_out = NoWayOut;
    let result = code();
    core::mem::forget(no_way_out);
    Ok(result)
}

/// Never called: without `std` there are no payloads.
#[cfg(not(feature = "std"))]
pub(crate) fn resume(_: Payload) -> ! {
    unreachable!("without `std` no panic is caught")
}

/// Whether a function that can only return can be left in another way.
pub(crate) const CAN_LEAVE: bool = cfg!(all(feature = "std", panic = "unwind"));

/// A way out of a function that can only return.
pub(crate) struct Leave(());

impl Leave {
    /// Leaves, where unwinding is possible. Where it is not, this returns.
    pub(crate) fn leave(&self) {
        #[cfg(all(feature = "std", panic = "unwind"))]
        resume(Box::new(Left));
    }
}

#[cfg(all(feature = "std", panic = "unwind"))]
struct Left;

/// Runs `work`, which may leave.
pub(crate) fn or_leave<R>(work: impl FnOnce(&Leave) -> R) -> Option<R> {
    match catch(|| work(&Leave(()))) {
        Ok(result) => Some(result),
        Err(payload) => {
            #[cfg(all(feature = "std", panic = "unwind"))]
            if payload.is::<Left>() {
                return None;
            }
            resume(payload)
        }
    }
}
