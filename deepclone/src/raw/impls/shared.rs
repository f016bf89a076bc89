//! `Rc`, `Arc` and their `Weak`s.

use alloc::rc::{Rc, Weak as RcWeak};
use alloc::sync::{Arc, Weak as ArcWeak};
use core::alloc::Layout;
use core::cell::Cell;
use core::mem::ManuallyDrop;
use core::ptr;

use crate::cloner::{Engine, Exposure};
use crate::raw::edges;
use crate::raw::entry::{Entry, Hit, State, key_of};
use crate::raw::erased::{Erased, Meta, with_address};
use crate::raw::pointee::{Description, Pointee};
use crate::raw::reserve::{ARC, RC, reserve_arc, reserve_rc};
use crate::raw::session::Target;
use crate::raw::sweep::{Grave, Sweep};
use crate::raw::traits::{DeepClone, EdgesPlacer, Failed, Placed, Sweeper};
use crate::raw::waiting::{NO_ENTRY, Owner};

/// `Rc` or `Arc` of something clonable. Sealed.
pub trait SharedPointer: sealed::Sealed {
    #[doc(hidden)]
    fn target(&self) -> Target;
    /// # Safety
    ///
    /// `copy` is a copy of the pointee of `source`, and one strong count comes with it.
    #[doc(hidden)]
    unsafe fn from_copy(source: &Self, copy: *mut u8) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! shared {
    ($pointer:ident, $weak:ident, $family:ident, $reserve:ident, $weak_target:ident) => {
        const _: () = {
            /// The table of a pointee type.
            struct TableOf<T: ?Sized>(core::marker::PhantomData<T>);

            impl<T: ?Sized + DeepClone> TableOf<T> {
                const TABLE: &'static Pointee = &Pointee {
                    family: &$family,
                    layout: layout::<T>,
                    describe: describe::<T>,
                    place: place::<T>,
                    sweep: sweep::<T>,
                    hold: hold::<T>,
                    release: release::<T>,
                    pin: pin::<T>,
                    unpin: unpin::<T>,
                    #[cfg(feature = "std")]
                    has_weak: has_weak::<T>,
                    revive: revive::<T>,
                    leads_nowhere: !core::mem::needs_drop::<T>(),
                    type_name: core::any::type_name::<T>,
                };
            }

            unsafe fn layout<T: ?Sized>(at: Erased) -> Layout {
                // SAFETY: a view of an allocation of that type. It may be unwritten; only its metadata is looked at.
                Layout::for_value(unsafe { &*at.typed::<T>() })
            }

            unsafe fn describe<T: ?Sized + DeepClone>(at: Erased) -> Description {
                // SAFETY: the source's pointee is alive.
                let pointee = unsafe { &*at.typed::<T>() };
                Description {
                    layout: Layout::for_value(pointee),
                    by_hand: pointee.__by_hand(),
                }
            }

            unsafe fn place<T: ?Sized + DeepClone>(
                source: Erased,
                dst: *mut u8,
                engine: &mut Engine<'_>,
            ) -> Placed {
                // SAFETY: the source's pointee is alive.
                unsafe { (*source.typed::<T>()).__place(dst, engine) }
            }

            unsafe fn sweep<T: ?Sized + DeepClone>(at: Erased, sweep: &mut Sweep<'_, '_>) {
                // SAFETY: the pointee is placed.
                unsafe { sweep.value(at.typed::<T>()) }
            }

            unsafe fn hold<T: ?Sized>(at: Erased) {
                // SAFETY: the allocation has a strong count.
                unsafe { $pointer::increment_strong_count(at.typed::<T>().cast_const()) }
            }

            unsafe fn release<T: ?Sized>(at: Erased) {
                // SAFETY: the caller owns a strong count.
                drop(unsafe { $pointer::from_raw(at.typed::<T>().cast_const()) })
            }

            unsafe fn pin<T: ?Sized>(at: Erased) {
                // SAFETY: the allocation has a weak count, its own if no other; this borrows it.
                let weak = unsafe { $weak::from_raw(at.typed::<T>().cast_const()) };
                let weak = ManuallyDrop::new(weak);
                core::mem::forget($weak::clone(&weak));
            }

            unsafe fn unpin<T: ?Sized>(at: Erased) {
                // SAFETY: the caller owns a weak count.
                drop(unsafe { $weak::from_raw(at.typed::<T>().cast_const()) })
            }

            #[cfg(feature = "std")]
            unsafe fn has_weak<T: ?Sized>(at: Erased) -> bool {
                // SAFETY: the allocation has a strong count; this borrows it.
                let handle = unsafe { $pointer::from_raw(at.typed::<T>().cast_const()) };
                $pointer::weak_count(&ManuallyDrop::new(handle)) > 0
            }

            unsafe fn revive<T: ?Sized>(at: Erased) -> bool {
                // SAFETY: the allocation has a weak count of the caller's; this borrows it.
                let weak = unsafe { $weak::from_raw(at.typed::<T>().cast_const()) };
                let weak = ManuallyDrop::new(weak);
                weak.upgrade().map(core::mem::forget).is_some()
            }

            /// Whether this is the only edge of any kind and can be followed right here. Then nobody has met its target: an entry would have been pinned
            /// before anybody could take other edges away.
            #[inline(always)]
            fn is_only_edge<T: ?Sized>(edge: &$pointer<T>, engine: &mut Engine<'_>) -> bool {
                $pointer::strong_count(edge) == 1
                    && $pointer::weak_count(edge) == 0
                    && engine.follows_unique()
            }

            /// The number of weak edges, if this is the only strong one and can be followed right here.
            #[inline(always)]
            fn sole_edge<T: ?Sized + DeepClone>(
                edge: &$pointer<T>,
                hit: &Hit,
                engine: &mut Engine<'_>,
            ) -> Option<usize> {
                let vacant = matches!(hit, Hit::Vacant);
                if !vacant || $pointer::strong_count(edge) != 1 || !engine.follows_unique() {
                    return None;
                }
                let weak = $pointer::weak_count(edge);
                let followed = weak == 0
                    || (engine.exposure == Exposure::Nobody && T::__by_hand(edge).is_none());
                followed.then_some(weak)
            }

            /// # Safety
            ///
            /// `copy` has the size and the alignment of the source, and the caller owns a count on it; `dst` has room for a pointer.
            #[inline(always)]
            unsafe fn write_handle<T: ?Sized>(source: &T, copy: *mut u8, dst: *mut u8) {
                // SAFETY: passed on; viewed as the source is.
                unsafe {
                    let handle = $pointer::from_raw(with_address(source, copy).cast_const());
                    dst.cast::<$pointer<T>>().write(handle);
                }
            }

            /// A row of edges to copies that are known. Nothing but counts is written on the way, so that the tables stay in registers.
            ///
            /// # Safety
            ///
            /// `dst` has room for as many pointers.
            unsafe fn place_known<T: ?Sized + DeepClone>(
                row: &[$pointer<T>],
                dst: *mut $pointer<T>,
                engine: &mut Engine<'_>,
            ) -> usize {
                if engine.accounts {
                    return 0;
                }
                let key = |edge: &$pointer<T>| {
                    key_of(&**edge, size_of_val(&**edge), align_of_val(&**edge))
                };
                let placed = engine.memo.hits(row, key, |index, edge, copy| {
                    // SAFETY: E3, as in `__place`; there is room for as many.
                    unsafe {
                        $pointer::increment_strong_count(with_address(&**edge, copy).cast_const());
                        write_handle::<T>(edge, copy, dst.add(index).cast());
                    }
                });
                engine.edges += placed as u64;
                placed
            }

            /// A row of edges.
            ///
            /// # Safety
            ///
            /// As [`EdgesPlacer`].
            unsafe fn place_edges<T: ?Sized + DeepClone>(
                row: &[$pointer<T>],
                dst: *mut $pointer<T>,
                engine: &mut Engine<'_>,
                placed: &mut usize,
            ) -> Placed {
                let target = |edge: &$pointer<T>| $pointer::as_ptr(edge).cast::<()>().addr();
                // SAFETY: passed on.
                unsafe { edges::place(row, dst, engine, placed, place_known::<T>, target) }
            }

            /// Follows an edge that is not known to be the only one, or, if it is `only` that, whose target needs a frame of its own.
            ///
            /// # Safety
            ///
            /// `dst` has room for a pointer.
            unsafe fn place_edge<T: ?Sized + DeepClone>(
                edge: &$pointer<T>,
                only: bool,
                dst: *mut u8,
                engine: &mut Engine<'_>,
            ) -> Placed {
                engine.keep_up()?;
                let pointee: &T = edge;
                let layout = Layout::for_value(pointee);
                let key = key_of(pointee, layout.size(), layout.align());
                let hit = if only {
                    Hit::Vacant
                } else {
                    engine.memo.hit(key)
                };
                let copy = if let Hit::Copy { copy, unfinished } = hit {
                    engine.expects_unique = false;
                    engine.count_hit(unfinished);
                    // SAFETY: E3: in the states that `hit` answers, somebody owns a strong count. Placement
                    // uses raw pointers, so no reference to the pointee is in the way.
                    unsafe {
                        $pointer::increment_strong_count(with_address(pointee, copy).cast_const());
                    }
                    copy
                } else if let Some(weak) = sole_edge(edge, &hit, engine) {
                    engine.expects_unique = weak == 0;
                    if weak == 0 && engine.place.is_firm() {
                        // SAFETY: passed on.
                        return unsafe { place_part(pointee, layout, dst, engine) };
                    }
                    let copy = $reserve(layout);
                    let erased = Erased::new(pointee).at(copy.cast_const().cast());
                    let id = if weak == 0 {
                        NO_ENTRY
                    } else {
                        let table = TableOf::<T>::TABLE;
                        let entry = Entry::new(key, erased.meta, table, copy, State::Started);
                        engine.begin_sole(entry)
                    };
                    let owner = Owner {
                        key,
                        copy: erased,
                        pointee: TableOf::<T>::TABLE,
                        around: engine.place.owner,
                        id: Cell::new(id),
                        weak_found: Cell::new(0),
                        unkeyed: Cell::new(weak != 0),
                    };
                    let placed = engine.inside(&owner, |engine| {
                        // SAFETY: it was reserved with that layout.
                        unsafe { pointee.__place(copy, engine) }
                    });
                    if let Err(failed) = placed {
                        if owner.id.get() == NO_ENTRY {
                            // SAFETY: the only count; nothing lies in it.
                            unsafe { $family.decrement(copy, layout) };
                        }
                        return Err(failed);
                    }
                    if owner.id.get() != NO_ENTRY {
                        engine.end_sole(&owner, weak);
                    }
                    copy
                } else {
                    let erased = Erased::new(pointee);
                    if engine.shares_immutable() && pointee.__immutable() {
                        engine.share(key, erased, TableOf::<T>::TABLE);
                    }
                    let unique =
                        $pointer::strong_count(edge) == 1 && $pointer::weak_count(edge) == 0;
                    let found = engine.strong_edge(key, erased, TableOf::<T>::TABLE, unique)?;
                    if !found.counted {
                        // SAFETY: as above.
                        unsafe {
                            $pointer::increment_strong_count(
                                with_address(pointee, found.copy).cast_const(),
                            );
                        }
                    }
                    found.copy
                };
                // SAFETY: the copy is one of that source, one count on it is ours, and `dst` has room for a pointer.
                unsafe { write_handle(pointee, copy, dst) };
                Ok(())
            }

            /// Follows an edge that is likely to be the only one.
            ///
            /// # Safety
            ///
            /// `dst` has room for a pointer.
            unsafe fn place_expected<T: ?Sized + DeepClone>(
                edge: &$pointer<T>,
                dst: *mut u8,
                engine: &mut Engine<'_>,
            ) -> Placed {
                let only = is_only_edge(edge, engine);
                if only && engine.place.is_firm() {
                    let pointee: &T = edge;
                    let layout = Layout::for_value(pointee);
                    // SAFETY: passed on.
                    return unsafe { place_part(pointee, layout, dst, engine) };
                }
                // SAFETY: passed on.
                unsafe { place_edge(edge, only, dst, engine) }
            }

            /// Places what one pointer alone leads to, as a part of what that pointer lies in.
            ///
            /// # Safety
            ///
            /// `layout` is that of the pointee, and `dst` has room for a pointer.
            #[inline(always)]
            unsafe fn place_part<T: ?Sized + DeepClone>(
                pointee: &T,
                layout: Layout,
                dst: *mut u8,
                engine: &mut Engine<'_>,
            ) -> Placed {
                let copy = $reserve(layout);
                // SAFETY: it was reserved with that layout.
                if let Err(failed) = unsafe { pointee.__place(copy, engine) } {
                    // SAFETY: the only count; nothing lies in it.
                    unsafe { $family.decrement(copy, layout) };
                    return Err(failed);
                }
                // SAFETY: a copy of that source, the only count on it is ours, and `dst` has room for a pointer.
                unsafe { write_handle::<T>(pointee, copy, dst) };
                Ok(())
            }

            // SAFETY: P1: a handle to a copy, and `Err` before anything is written.
            unsafe impl<T: ?Sized + DeepClone> DeepClone for $pointer<T> {
                #[inline]
                unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                    // The look-up comes first: what is found there makes it needless to touch the source. Unless that is likely to be met for the first
                    // and only time.
                    if engine.expects_unique {
                        // SAFETY: passed on.
                        unsafe { place_expected(self, dst, engine) }
                    } else {
                        // SAFETY: passed on.
                        unsafe { place_edge(self, false, dst, engine) }
                    }
                }

                fn __sweeper(&self) -> Sweeper {
                    unsafe fn sweep_strong<T: ?Sized + DeepClone>(
                        at: *mut u8,
                        _: Meta,
                        sweep: &mut Sweep<'_, '_>,
                    ) {
                        // SAFETY: `at` holds a handle. When disposing it is not used again; when tracing it stays where it is.
                        let handle = ManuallyDrop::new(unsafe { at.cast::<$pointer<T>>().read() });
                        let pointee = Erased::new($pointer::as_ptr(&handle));
                        let count = $pointer::strong_count(&handle);
                        // SAFETY: a live allocation, one count of which is the handle's.
                        unsafe { sweep.strong(pointee, count, TableOf::<T>::TABLE) }
                    }
                    sweep_strong::<T>
                }

                #[inline(always)]
                fn __racy() -> bool {
                    false
                }

                #[inline(always)]
                fn __edges_placer() -> Option<EdgesPlacer<Self>> {
                    Some(place_edges::<T>)
                }
            }

            // SAFETY: P1: a handle to a copy, and `Err` before anything is written.
            unsafe impl<T: ?Sized + DeepClone> DeepClone for $weak<T> {
                unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                    let copy = match engine.enclosing_target(self.as_ptr().cast()) {
                        Some(copy) => Some(copy),
                        None => $weak_target(self, engine, TableOf::<T>::TABLE)?,
                    };
                    let handle = match copy {
                        Some(copy) => {
                            // SAFETY: an allocation with a weak count, its own if no other, which this borrows.
                            let borrowed = ManuallyDrop::new(unsafe {
                                $weak::from_raw(with_address(self.as_ptr(), copy).cast_const())
                            });
                            $weak::clone(&borrowed)
                        }
                        None => {
                            let nowhere = $weak::<()>::new().into_raw().cast_mut().cast();
                            // SAFETY: what `into_raw` of a `Weak::new` returns, viewed as this one; as if it had been unsized.
                            unsafe {
                                $weak::from_raw(with_address(self.as_ptr(), nowhere).cast_const())
                            }
                        }
                    };
                    // SAFETY: `dst` has room for a pointer.
                    unsafe { dst.cast::<Self>().write(handle) };
                    Ok(())
                }

                fn __sweeper(&self) -> Sweeper {
                    unsafe fn sweep_weak<T: ?Sized>(
                        at: *mut u8,
                        _: Meta,
                        sweep: &mut Sweep<'_, '_>,
                    ) {
                        let at = at.cast::<$weak<T>>();
                        if sweep.disposes() {
                            // SAFETY: a handle that is not used after this. Its drop touches counts only.
                            unsafe { ptr::drop_in_place(at) }
                        } else {
                            // SAFETY: a handle.
                            sweep.weak(unsafe { (*at).as_ptr() }.cast());
                        }
                    }
                    sweep_weak::<T>
                }

                #[inline(always)]
                fn __racy() -> bool {
                    false
                }
            }

            impl<T: ?Sized + DeepClone> sealed::Sealed for $pointer<T> {}

            impl<T: ?Sized + DeepClone> SharedPointer for $pointer<T> {
                fn target(&self) -> Target {
                    Target {
                        key: key_of(
                            $pointer::as_ptr(self),
                            size_of_val(&**self),
                            align_of_val(&**self),
                        ),
                        source: Erased::new($pointer::as_ptr(self)),
                        pointee: TableOf::<T>::TABLE,
                    }
                }

                unsafe fn from_copy(source: &Self, copy: *mut u8) -> Self {
                    // SAFETY: passed on.
                    unsafe {
                        $pointer::from_raw(
                            with_address($pointer::as_ptr(source), copy).cast_const(),
                        )
                    }
                }
            }
        };
    };
}

/// What a weak edge of one thread leads to: nothing can happen to the target while we look.
fn rc_weak_target<T: ?Sized + DeepClone>(
    weak: &RcWeak<T>,
    engine: &mut Engine<'_>,
    pointee: &'static Pointee,
) -> Result<Option<*mut u8>, Failed> {
    engine.key_owners();
    if weak.strong_count() == 0 {
        return Ok(None);
    }
    // SAFETY: it has a strong count, which only this thread could take.
    let target = unsafe { &*weak.as_ptr() };
    weak_target(target, engine, pointee)
}

/// What a weak edge leads to whose target other threads may drop while we look.
fn arc_weak_target<T: ?Sized + DeepClone>(
    weak: &ArcWeak<T>,
    engine: &mut Engine<'_>,
    pointee: &'static Pointee,
) -> Result<Option<*mut u8>, Failed> {
    engine.key_owners();
    // A target that was met has a copy, whatever has become of it since.
    if let Some(copy) = engine.known_weak_target(weak.as_ptr().cast()) {
        return Ok(Some(copy));
    }
    engine.unless_failed()?;
    let Some(held) = weak.upgrade() else {
        return Ok(None);
    };
    let target = weak_target(&*held, engine, pointee);
    // This may turn out to be the last owner; then the source's `Drop` has to run later, outside of our frames and of every lock.
    engine.bury(Grave::new(held));
    target
}

fn weak_target<T: ?Sized + DeepClone>(
    target: &T,
    engine: &mut Engine<'_>,
    pointee: &'static Pointee,
) -> Result<Option<*mut u8>, Failed> {
    let key = key_of(target, size_of_val(target), align_of_val(target));
    let erased = Erased::new(ptr::from_ref(target));
    if engine.shares_immutable() && target.__immutable() {
        engine.share(key, erased, pointee);
    }
    engine.weak_edge(key, erased, pointee).map(Some)
}

shared!(Rc, RcWeak, RC, reserve_rc, rc_weak_target);
shared!(Arc, ArcWeak, ARC, reserve_arc, arc_weak_target);
