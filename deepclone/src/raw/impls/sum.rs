//! Enums of the standard library.

use alloc::borrow::{Cow, ToOwned};
use core::ops::{Bound, ControlFlow};
use core::task::Poll;

use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::place::{place_bytes, span, start_variant};
use crate::raw::sweep::Sweep;
use crate::raw::trail::Step;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

/// Enums each of whose variants has at most one field.
macro_rules! sum {
    ($([$($parameter:ident),*] $type:ty {
        $($variant:ident($field:ident: $content:ty) $($segment:expr)?;)* $(; $($unit:ident)*)?
    })*) => { $(
        // SAFETY: P1: the discriminant and the content of its variant, or nothing that owns anything.
        unsafe impl<$($parameter: DeepClone),*> DeepClone for $type {
            #[inline]
            unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                if Self::__plain() {
                    // SAFETY: `dst` has room for one.
                    unsafe { place_bytes(self, dst) };
                    return Ok(());
                }
                match self {
                    $(Self::$variant($field) => {
                        let offset = crate::raw::place::offset_of_ref(self, $field);
                        // SAFETY: `dst` has room for one; the only field of the variant is placed next.
                        unsafe { start_variant(self, dst, Self::__racy(), [span(self, $field)]) };
                        // SAFETY: the field lies there in the copy as well.
                        let placed = unsafe { $field.__place(dst.add(offset), engine) };
                        $(if placed.is_err() {
                            engine.at($segment);
                        })?
                        placed
                    })*
                    $($(Self::$unit => {
                        // SAFETY: `dst` has room for one; there are no fields.
                        unsafe { start_variant(self, dst, Self::__racy(), []) };
                        Ok(())
                    })*)?
                }
            }
            #[inline]
            fn __sweeper(&self) -> Sweeper {
                type It<$($parameter),*> = $type;
                unsafe fn sweep_it<$($parameter: DeepClone),*>(
                    at: *mut u8,
                    _: Meta,
                    sweep: &mut Sweep<'_, '_>,
                ) {
                    // SAFETY: a placed value; the reference ends before the sweep.
                    let value = unsafe { &*at.cast::<It<$($parameter),*>>() };
                    match value {
                        $(It::$variant($field) => {
                            let offset = (&raw const *$field).addr() - at.addr();
                            sweep.behind(|| Step::variant(value), |sweep| {
                                // SAFETY: the field is placed.
                                unsafe { sweep.value(at.add(offset).cast::<$content>()) }
                            });
                        })*
                        $($(It::$unit => {})*)?
                    }
                }
                sweep_it::<$($parameter),*>
            }
            #[inline(always)]
            fn __plain() -> bool {
                $($parameter::__plain())&&*
            }
            #[inline(always)]
            fn __racy() -> bool {
                $($parameter::__racy())||*
            }
        }
    )* };
}

#[cfg(feature = "either-1")]
pub(super) use sum;

sum! {
    [T, E] Result<T, E> {
        Ok(value: T) crate::path::Segment::Variant("Ok");
        Err(value: E) crate::path::Segment::Variant("Err");
    }
    [T] Bound<T> {
        Included(value: T);
        Excluded(value: T);
        ; Unbounded
    }
    [T] Poll<T> {
        Ready(value: T);
        ; Pending
    }
    [B, C] ControlFlow<B, C> {
        Continue(value: C) crate::path::Segment::Variant("Continue");
        Break(value: B) crate::path::Segment::Variant("Break");
    }
}

// SAFETY: as above.
unsafe impl<T: DeepClone> DeepClone for Option<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        if Self::__plain() {
            // SAFETY: `dst` has room for one.
            unsafe { place_bytes(self, dst) };
            return Ok(());
        }
        match self {
            Some(value) => {
                if size_of::<Self>() == size_of::<T>() {
                    // The content is all there is: what tells the variants apart is a niche in it.
                    // SAFETY: `dst` has room for one.
                    return unsafe { value.__place(dst, engine) };
                }
                let offset = crate::raw::place::offset_of_ref(self, value);
                // SAFETY: `dst` has room for one; the only field of the variant is placed next.
                unsafe { start_variant(self, dst, T::__racy(), [span(self, value)]) };
                // SAFETY: the field lies there in the copy as well.
                unsafe { value.__place(dst.add(offset), engine) }
            }
            None => {
                // SAFETY: `dst` has room for one.
                unsafe { dst.cast::<Self>().write(None) };
                Ok(())
            }
        }
    }
    #[inline]
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_option<T: DeepClone>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            // SAFETY: a placed value; the reference ends before the sweep.
            let option = unsafe { &*at.cast::<Option<T>>() };
            if let Some(value) = option {
                let offset = (&raw const *value).addr() - at.addr();
                sweep.behind(
                    || Step::variant(option),
                    // SAFETY: the content is placed.
                    |sweep| unsafe { sweep.value(at.add(offset).cast::<T>()) },
                );
            }
        }
        sweep_option::<T>
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
        struct Inner<C>(C);
        impl<T, C: CloneVisitor<Option<T>>> CloneVisitor<T> for Inner<C> {
            #[inline(always)]
            fn visit(self)
            where
                T: Clone,
            {
                self.0.visit();
            }
        }
        T::__as_clone(Inner(visitor))
    }
}

// SAFETY: P1: written whole, after what can fail.
unsafe impl<'a, B> DeepClone for Cow<'a, B>
where
    B: ToOwned + ?Sized,
    B::Owned: DeepClone,
{
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        match self {
            Cow::Borrowed(value) => {
                // SAFETY: `dst` has room for one.
                unsafe { dst.cast::<Self>().write(Cow::Borrowed(value)) };
                Ok(())
            }
            Cow::Owned(value) => {
                let offset = crate::raw::place::offset_of_ref(self, value);
                // SAFETY: `dst` has room for one; the only field of the variant is placed next.
                unsafe { start_variant(self, dst, B::Owned::__racy(), [span(self, value)]) };
                // SAFETY: the field lies there in the copy as well.
                unsafe { value.__place(dst.add(offset), engine) }
            }
        }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_cow<B>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>)
        where
            B: ToOwned + ?Sized,
            B::Owned: DeepClone,
        {
            // SAFETY: a placed value; the reference ends before the sweep.
            let cow = unsafe { &*at.cast::<Cow<'_, B>>() };
            if let Cow::Owned(value) = cow {
                let offset = (&raw const *value).addr() - at.addr();
                sweep.behind(
                    || Step::variant(cow),
                    // SAFETY: the content is placed.
                    |sweep| unsafe { sweep.value(at.add(offset).cast::<B::Owned>()) },
                );
            }
        }
        sweep_cow::<B>
    }
    #[inline(always)]
    fn __racy() -> bool {
        B::Owned::__racy()
    }
}
