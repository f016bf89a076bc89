//! Cells of one thread.

use alloc::rc::{Rc, Weak as RcWeak};
use alloc::sync::{Arc, Weak as ArcWeak};
use core::cell::{Cell, Ref, RefCell};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr;

use crate::cloner::Engine;
use crate::error::ErrorKind;
use crate::raw::access::{Access, Mode};
use crate::raw::erased::{Erased, Meta, from_parts, with_address};
use crate::raw::hand::ByHand;
use crate::raw::sweep::{Grave, Sweep};
use crate::raw::traits::{DeepClone, Placed, Sweeper};

/// Copies what comes before the content of a cell from a fresh one.
///
/// `Cell<[T; N]>` coerces to `Cell<[T]>`, and so on: what lies before the content is the same for every content, at the same offsets.
///
/// # Safety
///
/// `dst` has room for a value whose content begins at `offset`, and which is a `C<T>` of the same generic type `C` as `Empty = C<()>`.
#[inline(always)]
pub(super) unsafe fn place_head<Empty>(
    fresh: Empty,
    content_of_fresh: usize,
    offset: usize,
    dst: *mut u8,
) {
    // `content_of_fresh` is where the head ends, before padding.
    assert!(
        offset >= content_of_fresh,
        "the content of a cell comes last"
    );
    let fresh = core::mem::ManuallyDrop::new(fresh);
    // SAFETY: within both; the fresh cell is forgotten, so that its head lives on in the copy alone.
    unsafe {
        ptr::copy_nonoverlapping(
            ptr::from_ref(&fresh).cast::<MaybeUninit<u8>>(),
            dst.cast(),
            content_of_fresh,
        );
    }
}

// SAFETY: P1: a closed cell with a placed content, or nothing.
unsafe impl<T: ?Sized + DeepClone> DeepClone for RefCell<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let Ok(guard) = self.try_borrow() else {
            // What comes before it may fail as well.
            engine.keep_up()?;
            return Err(engine.fail(ErrorKind::AlreadyBorrowed, core::any::type_name::<Self>()));
        };
        let content: &T = &guard;
        let offset = (&raw const *content).addr() - (&raw const *self).addr();
        let fresh = RefCell::new(());
        let head = (fresh.as_ptr().addr()) - (&raw const fresh).addr();
        // SAFETY: `dst` has room for a cell like this one.
        unsafe { place_head(fresh, head, offset, dst) };
        let copy = access::<T>(Erased::new(ptr::from_ref(self)).at(dst.cast_const().cast()));
        let gathered = engine.gathered.len();
        let placed = engine.in_cell(|engine| {
            // SAFETY: the content lies there in the copy as well.
            unsafe { content.__place(dst.add(offset), engine) }
        });
        drop(guard);
        placed?;
        if let Err(failed) = engine.left_guard(gathered, copy) {
            engine.dispose(|sweep| {
                // SAFETY: the cell is placed and not used after this.
                unsafe { sweep.value(with_address(ptr::from_ref(self), dst)) }
            });
            return Err(failed);
        }
        Ok(())
    }
    fn __sweeper(&self) -> Sweeper {
        sweep_cell::<T>
    }
    /// So that nodes written by hand may lie in cells, as nodes of a tree do.
    #[inline]
    fn __by_hand(&self) -> Option<ByHand> {
        // One that is mutably borrowed can't be copied, by whatever way.
        self.try_borrow().ok()?.__by_hand()?.in_cell()
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

unsafe fn sweep_cell<T: ?Sized + DeepClone>(at: *mut u8, meta: Meta, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: a cell, viewed as the source was.
    let cell = unsafe { &*from_parts::<RefCell<T>>(at, meta) };
    let _guard = if sweep.scans() {
        match cell.try_borrow() {
            Ok(guard) => Some(guard),
            Err(_) => return,
        }
    } else {
        // A placed cell was never given out, so nobody has it open.
        None
    };
    let content = cell.as_ptr();
    sweep.in_cell(
        || access::<T>(Erased::new(ptr::from_ref(cell))),
        // SAFETY: the content is placed.
        |sweep| unsafe { sweep.value(content) },
    );
}

/// How to get into a cell of the copy.
fn access<T: ?Sized + DeepClone>(cell: Erased) -> Access {
    Access {
        cell,
        sweeper: sweep_cell::<T>,
        open: open::<T>,
        share: Some(share::<T>),
        poison: None,
    }
}

/// Keeps the cell from being written to.
unsafe fn share<T: ?Sized>(cell: Erased) -> Option<Grave> {
    // SAFETY: the cell is live: W2.
    let cell = unsafe { &*cell.typed::<RefCell<T>>() };
    cell.try_borrow().ok().map(Grave::new)
}

unsafe fn open<T: ?Sized>(cell: Erased, mode: Mode, work: &mut dyn FnMut()) -> bool {
    // SAFETY: the cell is live and finished: W2.
    let cell = unsafe { &*cell.typed::<RefCell<T>>() };
    match mode {
        Mode::Write => cell.try_borrow_mut().map(|_guard| work()).is_ok(),
        Mode::Read => {
            let read: Result<Ref<'_, T>, _> = cell.try_borrow();
            read.map(|_guard| work()).is_ok()
        }
    }
}

/// What a `Cell` may hold: `Copy` types, and `Rc`, `Arc` and their `Weak`s, with or without `Option` around.
///
/// # Safety
///
/// While a content of this type is placed, no code of the user's runs that could set the cell: it is `Copy` (then it is copied by its bytes), or a pointer whose
/// handle is taken first.
#[diagnostic::on_unimplemented(
    message = "a `Cell<{Self}>` can't be deep-cloned",
    label = "`Cell` of `{Self}`",
    note = "a `Cell` may hold `Copy` types, and `Rc`, `Arc` and their `Weak`s, with or without `Option` around",
    note = "use a `RefCell`, or `#[deepclone(with = path)]` on the field"
)]
pub unsafe trait CellContent: Sized {
    #[doc(hidden)]
    unsafe fn __place_in_cell(cell: &Cell<Self>, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        let _ = engine;
        // SAFETY: `Copy` types are copied by their bytes; a cell is one thread's.
        unsafe { ptr::copy_nonoverlapping(cell, dst.cast::<Cell<Self>>(), 1) };
        Ok(())
    }
    #[doc(hidden)]
    unsafe fn __sweep_in_cell(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
        let _ = (at, sweep);
    }
}

// SAFETY: P1: passed on.
unsafe impl<T: CellContent> DeepClone for Cell<T> {
    #[inline]
    unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: passed on.
        unsafe { T::__place_in_cell(self, dst, engine) }
    }
    fn __sweeper(&self) -> Sweeper {
        unsafe fn sweep_cell<T: CellContent>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
            // SAFETY: `Cell<T>` has the layout of `T`.
            unsafe { T::__sweep_in_cell(at.cast::<T>(), sweep) }
        }
        sweep_cell::<T>
    }
    #[inline(always)]
    fn __racy() -> bool {
        false
    }
}

/// Whether a type is `Copy`, asked in a way that may be answered no: a bound `for<'a> CopyProbe<'a, T>: IsCopy` on an impl is
/// not an error where it does not hold.
pub struct CopyProbe<'a, T>(PhantomData<(&'a (), T)>);

/// See [`CopyProbe`].
pub trait IsCopy {}

impl<T: Copy> IsCopy for CopyProbe<'_, T> {}

/// `Copy` types that a cell may hold, also inside of tuples, arrays and the enums of the library. Derived types have it if they are `Copy`.
///
/// # Safety
///
/// The type is `Copy`.
pub unsafe trait CopyContent: Sized {}

macro_rules! copy_content {
    ($($({$($generics:tt)*})? $type:ty),* $(,)?) => { $(
        // SAFETY: `Copy`.
        unsafe impl $(<$($generics)*>)? CopyContent for $type {}
        // SAFETY: `Copy`.
        unsafe impl $(<$($generics)*>)? CellContent for $type {}
    )* };
}

copy_content! {
    (), bool, char, f32, f64,
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize,
    core::num::NonZeroI8, core::num::NonZeroI16, core::num::NonZeroI32, core::num::NonZeroI64,
    core::num::NonZeroI128, core::num::NonZeroIsize, core::num::NonZeroU8, core::num::NonZeroU16,
    core::num::NonZeroU32, core::num::NonZeroU64, core::num::NonZeroU128, core::num::NonZeroUsize,
    core::time::Duration, core::cmp::Ordering, core::sync::atomic::Ordering, core::any::TypeId,
    core::num::FpCategory, core::alloc::Layout,
    core::net::Ipv4Addr, core::net::Ipv6Addr, core::net::IpAddr,
    core::net::SocketAddrV4, core::net::SocketAddrV6, core::net::SocketAddr,
    core::ops::RangeFull,
    {T: ?Sized} PhantomData<T>,
    {'a, T: ?Sized} &'a T,
    {'a, T: ?Sized} core::pin::Pin<&'a T>,
    {T: CopyContent} core::num::Wrapping<T>,
    {T: CopyContent} core::num::Saturating<T>,
    {T: CopyContent} core::cmp::Reverse<T>,
    {T: CopyContent} core::ops::Bound<T>,
    {T: CopyContent} core::ops::RangeTo<T>,
    {T: CopyContent} core::ops::RangeToInclusive<T>,
    {T: CopyContent} core::task::Poll<T>,
    {T: CopyContent, E: CopyContent} Result<T, E>,
    {B: CopyContent, C: CopyContent} core::ops::ControlFlow<B, C>,
    {T: CopyContent, const N: usize} [T; N],
}

#[cfg(feature = "std")]
copy_content! { std::time::Instant, std::time::SystemTime, std::thread::ThreadId }

macro_rules! copy_tuples {
    ($($($parameter:ident)*;)*) => {
        copy_content! { $({$($parameter: CopyContent),*} ($($parameter,)*)),* }
    };
}

copy_tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
}

macro_rules! copy_functions {
    ($($($argument:ident)*;)*) => {
        copy_content! { $(
            {R, $($argument),*} fn($($argument),*) -> R,
            {R, $($argument),*} unsafe fn($($argument),*) -> R,
            {R, $($argument),*} extern "C" fn($($argument),*) -> R,
            {R, $($argument),*} unsafe extern "C" fn($($argument),*) -> R,
        )* }
    };
}

copy_functions! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
}

// SAFETY: `Copy`, as its content is.
unsafe impl<T: CopyContent> CopyContent for Option<T> {}
// SAFETY: `Copy`.
unsafe impl<T: CopyContent> CellContent for Option<T> {}

/// A handle was placed, and the one that it is a copy of was dropped: user code, if another thread had let go of it meanwhile.
///
/// # Safety
///
/// `at` holds a `P` if `placed` says so.
unsafe fn unless_failed_since<P: DeepClone>(
    placed: Placed,
    at: *mut u8,
    engine: &mut Engine<'_>,
) -> Placed {
    placed?;
    let done = engine.unless_failed();
    if done.is_err() {
        // SAFETY: passed on; it is not used after this.
        engine.dispose(|sweep| unsafe { sweep.value(at.cast::<P>()) });
    }
    done
}

macro_rules! pointer_content {
    ($($pointer:ident, $is_last:expr;)*) => { $(
        // SAFETY: the handle is taken first, then placed from a local.
        unsafe impl<T: ?Sized + DeepClone> CellContent for $pointer<T> {
            unsafe fn __place_in_cell(cell: &Cell<Self>, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // SAFETY: a cell is one thread's, and cloning a handle runs no code of the user's.
                let handle = unsafe { (*cell.as_ptr()).clone() };
                // SAFETY: `Cell<T>` has the layout of `T`.
                let placed = unsafe { handle.__place(dst, engine) };
                engine.drop_handle(handle, $is_last);
                // SAFETY: as above.
                unsafe { unless_failed_since::<Self>(placed, dst, engine) }
            }
            unsafe fn __sweep_in_cell(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
                // SAFETY: passed on.
                unsafe { sweep.value(at) }
            }
        }

        // SAFETY: as above.
        unsafe impl<T: ?Sized + DeepClone> CellContent for Option<$pointer<T>> {
            unsafe fn __place_in_cell(cell: &Cell<Self>, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
                // SAFETY: as above.
                let handle = unsafe { (*cell.as_ptr()).clone() };
                // SAFETY: as above.
                let placed = unsafe { handle.__place(dst, engine) };
                if let Some(handle) = handle {
                    engine.drop_handle(handle, $is_last);
                }
                // SAFETY: as above.
                unsafe { unless_failed_since::<Self>(placed, dst, engine) }
            }
            unsafe fn __sweep_in_cell(at: *mut Self, sweep: &mut Sweep<'_, '_>) {
                // SAFETY: passed on.
                unsafe { sweep.value(at) }
            }
        }
    )* };
}

pointer_content! {
    Rc, |handle| Rc::strong_count(handle) == 1;
    Arc, |handle| Arc::strong_count(handle) == 1;
    RcWeak, |_| false;
    ArcWeak, |_| false;
}
