//! Values whose copy is the same bytes, and atomics, whose copy is what they hold now.

use core::any::TypeId;
use core::marker::{PhantomData, PhantomPinned};
use core::num::{
    FpCategory, NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize,
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use core::sync::atomic;

use crate::cloner::Engine;
use crate::raw::place::place_bytes;
use crate::raw::sweep::sweep_nothing;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// Implements `DeepClone` for `Copy` types by their bytes.
macro_rules! plain {
    ($($(#[$attribute:meta])* $({$($generics:tt)*})? $type:ty),* $(,)?) => { $(
        $(#[$attribute])*
        // SAFETY: P1: `Copy`, so the bytes are a copy, and nothing can fail.
        unsafe impl $(<$($generics)*>)? DeepClone for $type {
            #[inline(always)]
            unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
                // SAFETY: `dst` has room for one.
                unsafe { place_bytes(self, dst) };
                Ok(())
            }
            #[inline(always)]
            fn __sweeper(&self) -> Sweeper {
                sweep_nothing
            }
            #[inline(always)]
            fn __plain() -> bool {
                true
            }
            #[inline(always)]
            fn __racy() -> bool {
                false
            }
            #[inline(always)]
            fn __as_clone<Visitor: CloneVisitor<Self>>(visitor: Visitor) -> bool {
                visitor.visit();
                true
            }
        }
    )* };
}
pub(super) use plain;

plain! {
    (), bool, char, f32, f64,
    i8, i16, i32, i64, i128, isize, u16, u32, u64, u128, usize,
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize,
    NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
    FpCategory,
    core::time::Duration,
    core::net::Ipv4Addr, core::net::Ipv6Addr, core::net::IpAddr,
    core::net::SocketAddrV4, core::net::SocketAddrV6, core::net::SocketAddr,
    core::cmp::Ordering, atomic::Ordering,
    core::alloc::Layout,
    core::convert::Infallible,
    core::fmt::Error,
    core::str::Utf8Error, core::num::ParseIntError, core::num::ParseFloatError, core::num::TryFromIntError,
    TypeId, PhantomPinned,
    core::panic::Location<'static>,
    core::ops::RangeFull,
    {T: ?Sized} PhantomData<T>,
    {'a, T: ?Sized} &'a T,
    #[cfg(feature = "std")] std::time::Instant,
    #[cfg(feature = "std")] std::time::SystemTime,
    #[cfg(feature = "std")] std::thread::ThreadId,
    #[cfg(feature = "std")] std::fs::FileType,
    #[cfg(feature = "std")] std::process::ExitStatus,
}

// SAFETY: as above.
unsafe impl DeepClone for u8 {
    #[inline(always)]
    unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
        // SAFETY: `dst` has room for one.
        unsafe { place_bytes(self, dst) };
        Ok(())
    }
    #[inline(always)]
    fn __sweeper(&self) -> Sweeper {
        sweep_nothing
    }
    #[inline(always)]
    fn __plain() -> bool {
        true
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
    #[inline(always)]
    fn __byte() -> bool {
        true
    }
    #[inline(always)]
    fn __as_clone<C: CloneVisitor<Self>>(visitor: C) -> bool {
        visitor.visit();
        true
    }
}

macro_rules! functions {
    ($($($argument:ident)*;)*) => { $(
        plain! {
            {R, $($argument),*} fn($($argument),*) -> R,
            {R, $($argument),*} unsafe fn($($argument),*) -> R,
            {R, $($argument),*} extern "C" fn($($argument),*) -> R,
            {R, $($argument),*} unsafe extern "C" fn($($argument),*) -> R,
        }
    )* };
}

functions! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

macro_rules! atomics {
    ($($width:literal: $($atomic:ident)*;)*) => { $($(
        #[cfg(target_has_atomic = $width)]
        // SAFETY: P1: a fresh atomic, and nothing can fail.
        unsafe impl DeepClone for atomic::$atomic {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
                let copy = Self::new(self.load(atomic::Ordering::SeqCst));
                // SAFETY: `dst` has room for one.
                unsafe { dst.cast::<Self>().write(copy) };
                Ok(())
            }
            fn __sweeper(&self) -> Sweeper {
                sweep_nothing
            }
        }
    )*)* };
}

atomics! {
    "8": AtomicBool AtomicI8 AtomicU8;
    "16": AtomicI16 AtomicU16;
    "32": AtomicI32 AtomicU32;
    "64": AtomicI64 AtomicU64;
    "ptr": AtomicIsize AtomicUsize;
}
