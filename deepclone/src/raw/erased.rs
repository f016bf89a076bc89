//! Fat pointers taken apart into two words and put together again.
//!
//! Owns the only code that knows how a pointer to an unsized value is laid out. It must not know what the
//! pointers lead to.

use core::mem::MaybeUninit;
use core::ptr;

/// The second word of a pointer to an unsized value; null for a pointer to a sized one.
pub type Meta = *const ();

/// A pointer whose type is known to somebody else.
#[derive(Clone, Copy)]
pub(crate) struct Erased {
    pub(crate) data: *const (),
    pub(crate) meta: Meta,
}

impl Erased {
    /// Forgets the type of `pointer`.
    #[inline(always)]
    pub(crate) fn new<T: ?Sized>(pointer: *const T) -> Self {
        const {
            assert!(
                size_of::<*const T>() == size_of::<[Meta; 1]>()
                    || size_of::<*const T>() == size_of::<[Meta; 2]>()
            );
        }
        let mut words = [ptr::null::<()>(); 2];
        // SAFETY: `words` holds two words and, by the assertion above, a pointer is one or two of them.
        unsafe {
            ptr::copy_nonoverlapping(
                (&raw const pointer).cast::<MaybeUninit<u8>>(),
                words.as_mut_ptr().cast(),
                size_of::<*const T>(),
            );
        }
        // The language does not promise that the address is the first word. This folds to nothing where it is.
        assert!(ptr::addr_eq(words[0], pointer));
        Self {
            data: words[0],
            meta: words[1],
        }
    }

    /// The pointer as it was.
    ///
    /// # Safety
    ///
    /// `self.meta` is the metadata of a `*const T`.
    #[inline(always)]
    pub(crate) unsafe fn typed<T: ?Sized>(self) -> *mut T {
        let words = [self.data, self.meta];
        let mut pointer = MaybeUninit::<*mut T>::uninit();
        // SAFETY: the caller vouches for the metadata, `new` has checked the order and the number of the words.
        unsafe {
            ptr::copy_nonoverlapping(
                words.as_ptr().cast::<MaybeUninit<u8>>(),
                pointer.as_mut_ptr().cast(),
                size_of::<*const T>(),
            );
        }
        // SAFETY: every byte was written.
        unsafe { pointer.assume_init() }
    }

    /// The same view of another address.
    #[inline(always)]
    pub(crate) fn at(self, data: *const ()) -> Self {
        Self { data, ..self }
    }
}

/// A pointer to `at` that views it as `template` views its own address.
///
/// # Safety
///
/// Nothing here; the result is as good as `at`. It is unsafe because generated code reaches it.
#[inline(always)]
pub unsafe fn with_address<T: ?Sized>(template: *const T, at: *mut u8) -> *mut T {
    // SAFETY: the metadata comes from a `*const T`.
    unsafe { Erased::new(template).at(at.cast()).typed() }
}

/// A pointer to `at` with the metadata `meta`.
///
/// # Safety
///
/// `meta` is the metadata of a `*const T`.
#[inline(always)]
pub unsafe fn from_parts<T: ?Sized>(at: *mut u8, meta: Meta) -> *mut T {
    let erased = Erased {
        data: at.cast_const().cast(),
        meta,
    };
    // SAFETY: passed on to the caller.
    unsafe { erased.typed() }
}
