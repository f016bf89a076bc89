//! Text and bytes that own their buffer.

use alloc::ffi::CString;
use alloc::string::String;
use alloc::vec::Vec;
use core::ffi::CStr;

use crate::cloner::Engine;
use crate::raw::sweep::{sweep_leaf, sweep_nothing};
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// Library types that own memory, lead nowhere and are copied by their `Clone`, or to their place by a function that does the same.
macro_rules! leaf {
    (@write $source:expr, $dst:expr) => { $dst.write($source.clone()) };
    (@write $source:expr, $dst:expr, $place:expr) => { $place($source, $dst) };
    ($($(#[$attribute:meta])* $type:ty: $length:expr $(=> $place:expr)?),* $(,)?) => { $(
        $(#[$attribute])*
        // SAFETY: P1: written whole, after the only thing that can fail.
        unsafe impl DeepClone for $type {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // To count the bytes may take a walk.
                if engine.accounts {
                    let length: fn(&Self) -> usize = $length;
                    engine.charge_bytes::<Self>(length(self))?;
                }
                // SAFETY: `dst` has room for one.
                unsafe { $crate::raw::impls::text::leaf!(@write self, dst.cast::<Self>() $(, $place)?) };
                Ok(())
            }
            #[inline]
            fn __sweeper(&self) -> Sweeper {
                sweep_leaf::<Self>
            }
            #[inline(always)]
            fn __racy() -> bool {
                false
            }
            // It needs no operation around it.
            #[inline]
            fn deep_clone(&self) -> Self {
                self.clone()
            }
            #[inline]
            fn try_deep_clone(&self) -> Result<Self, crate::Error> {
                Ok(self.clone())
            }
            #[inline(always)]
            fn __as_clone<C: CloneVisitor<Self>>(visitor: C) -> bool {
                visitor.visit();
                true
            }
        }
    )* };
}
pub(super) use leaf;

/// Writes a copy of a text. Its parts go from registers to where they stay: what `clone` returns lies in a temporary first, and a
/// processor waits where it reads in one piece what was just written in several.
///
/// # Safety
///
/// `dst` has room for one.
#[inline(never)]
unsafe fn place_string(source: &str, dst: *mut String) {
    let mut bytes = Vec::with_capacity(source.len());
    bytes.extend_from_slice(source.as_bytes());
    // SAFETY: they are those of a text.
    let copy = unsafe { String::from_utf8_unchecked(bytes) };
    // SAFETY: passed on.
    unsafe { dst.write(copy) };
}

leaf! {
    String: |text| text.len() => place_string,
    CString: |text| text.as_bytes_with_nul().len(),
    #[cfg(feature = "std")] std::ffi::OsString: |text| text.len(),
    #[cfg(feature = "std")] std::path::PathBuf: |path| path.as_os_str().len(),
}

/// Unsized text: the pointee of a box or a shared pointer.
macro_rules! unsized_text {
    ($($(#[$attribute:meta])* $type:ty),* $(,)?) => { $(
        $(#[$attribute])*
        // SAFETY: P1: the bytes are a copy, and nothing can fail.
        unsafe impl DeepClone for $type {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, _: &mut Engine<'_>) -> Placed {
                let bytes = core::ptr::from_ref(self).cast::<u8>();
                // SAFETY: one is borrowed, `dst` has room for as many bytes.
                unsafe { core::ptr::copy_nonoverlapping(bytes, dst, size_of_val(self)) };
                Ok(())
            }
            #[inline]
            fn __sweeper(&self) -> Sweeper {
                sweep_nothing
            }
            #[inline(always)]
            fn __immutable(&self) -> bool {
                true
            }
        }
    )* };
}

unsized_text! {
    str,
    CStr,
    #[cfg(feature = "std")] std::ffi::OsStr,
    #[cfg(feature = "std")] std::path::Path,
}
