//! Tuples, arrays, and library structs that are no more than their fields.

use core::cmp::Reverse;
use core::mem::{ManuallyDrop, offset_of};
use core::num::{Saturating, Wrapping};
use core::ops::{Range, RangeFrom, RangeTo, RangeToInclusive};

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::place::{place_bytes, place_row, undo};
use crate::raw::sweep::{Field, Sweep, deep_field};
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// Structs and tuples whose fields can be named.
macro_rules! product {
    ($([$($parameter:ident),*] $type:ty { $($field:tt: $content:ty = $index:literal),* };)*) => { $(
        const _: () = {
            struct Fields<$($parameter),*>(core::marker::PhantomData<($($parameter,)*)>);
            impl<$($parameter: DeepClone),*> Fields<$($parameter),*> {
                const LIST: &'static [Field] =
                    &[$(deep_field::<$content>(offset_of!($type, $field), stringify!($field))),*];
            }

            // SAFETY: P1: all fields, or none.
            unsafe impl<$($parameter: DeepClone),*> DeepClone for $type {
                #[inline]
                unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                    if Self::__plain() {
                        // SAFETY: `dst` has room for one.
                        unsafe { place_bytes(self, dst) };
                        return Ok(());
                    }
                    let at = dst.cast::<Self>();
                    let failed = 'failed: {
                        $(
                            // SAFETY: the field's place in `dst`.
                            if unsafe { self.$field.__place((&raw mut (*at).$field).cast(), engine) }
                                .is_err()
                            {
                                break 'failed $index;
                            }
                        )*
                        return Ok(());
                    };
                    // SAFETY: the fields before it were placed.
                    unsafe { undo(engine, dst, Fields::<$($parameter),*>::LIST, failed, None) }
                }
                fn __sweeper(&self) -> Sweeper {
                    unsafe fn sweep_fields<$($parameter: DeepClone),*>(
                        at: *mut u8,
                        _: Meta,
                        sweep: &mut Sweep<'_, '_>,
                    ) {
                        // SAFETY: the fields are placed.
                        unsafe { sweep.fields(at, Fields::<$($parameter),*>::LIST) }
                    }
                    sweep_fields::<$($parameter),*>
                }
                #[inline(always)]
                fn __plain() -> bool {
                    $(<$content as DeepClone>::__plain())&&*
                }
                #[inline(always)]
                fn __racy() -> bool {
                    $(<$content as DeepClone>::__racy())||*
                }
            }
        };
    )* };
}

product! {
    [A] (A,) { 0: A = 0 };
    [A, B] (A, B) { 0: A = 0, 1: B = 1 };
    [A, B, C] (A, B, C) { 0: A = 0, 1: B = 1, 2: C = 2 };
    [A, B, C, D] (A, B, C, D) { 0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3 };
    [A, B, C, D, E] (A, B, C, D, E) { 0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4 };
    [A, B, C, D, E, F] (A, B, C, D, E, F) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5
    };
    [A, B, C, D, E, F, G] (A, B, C, D, E, F, G) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6
    };
    [A, B, C, D, E, F, G, H] (A, B, C, D, E, F, G, H) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7
    };
    [A, B, C, D, E, F, G, H, I] (A, B, C, D, E, F, G, H, I) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8
    };
    [A, B, C, D, E, F, G, H, I, J] (A, B, C, D, E, F, G, H, I, J) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9
    };
    [A, B, C, D, E, F, G, H, I, J, K] (A, B, C, D, E, F, G, H, I, J, K) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10
    };
    [A, B, C, D, E, F, G, H, I, J, K, L] (A, B, C, D, E, F, G, H, I, J, K, L) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10, 11: L = 11
    };
    [A, B, C, D, E, F, G, H, I, J, K, L, M] (A, B, C, D, E, F, G, H, I, J, K, L, M) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10, 11: L = 11, 12: M = 12
    };
    [A, B, C, D, E, F, G, H, I, J, K, L, M, N] (A, B, C, D, E, F, G, H, I, J, K, L, M, N) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10, 11: L = 11, 12: M = 12, 13: N = 13
    };
    [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O] (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O) {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10, 11: L = 11, 12: M = 12, 13: N = 13, 14: O = 14
    };
    [A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P]
        (A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P)
    {
        0: A = 0, 1: B = 1, 2: C = 2, 3: D = 3, 4: E = 4, 5: F = 5, 6: G = 6, 7: H = 7, 8: I = 8,
        9: J = 9, 10: K = 10, 11: L = 11, 12: M = 12, 13: N = 13, 14: O = 14, 15: P = 15
    };
    [T] Wrapping<T> { 0: T = 0 };
    [T] Saturating<T> { 0: T = 0 };
    [T] Reverse<T> { 0: T = 0 };
    [T] Range<T> { start: T = 0, end: T = 1 };
    [T] RangeFrom<T> { start: T = 0 };
    [T] RangeTo<T> { end: T = 0 };
    [T] RangeToInclusive<T> { end: T = 0 };
}

// SAFETY: P1: passed on to the row.
unsafe impl<T: DeepClone, const N: usize> DeepClone for [T; N] {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: `dst` has room for `N`.
        unsafe { place_row(self, dst.cast::<T>(), engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_array<T: DeepClone, const N: usize>(
            at: *mut u8,
            _: Meta,
            sweep: &mut Sweep<'_, '_>,
        ) {
            // SAFETY: `N` placed values.
            unsafe { sweep.row(at.cast::<T>(), N) }
        }
        sweep_array::<T, N>
    }
    #[inline(always)]
    fn __plain() -> bool {
        T::__plain()
    }
    #[inline(always)]
    fn __racy() -> bool {
        T::__racy()
    }
    #[inline(always)]
    fn __as_clone<C: CloneVisitor<Self>>(visitor: C) -> bool {
        struct Inner<C, const N: usize>(C);
        impl<T, C: CloneVisitor<[T; N]>, const N: usize> CloneVisitor<T> for Inner<C, N> {
            #[inline(always)]
            fn visit(self)
            where
                T: Clone,
            {
                self.0.visit();
            }
        }
        T::__as_clone(Inner::<C, N>(visitor))
    }
}

// SAFETY: P1: transparent, so passed on. What it holds is not dropped by it, and a copy is like that too.
unsafe impl<T: ?Sized + DeepClone> DeepClone for ManuallyDrop<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let content: &T = self;
        // SAFETY: `ManuallyDrop<T>` has the layout of `T`.
        unsafe { content.__place(dst, engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        // Taken apart with the copy that was never given out: nobody could do it later.
        (**self).__sweeper()
    }
    #[inline(always)]
    fn __racy() -> bool {
        true
    }
}
