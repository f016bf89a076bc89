//! A second pass over placed values: to see what they lead to, or to take them apart.
//!
//! Taking apart never runs the `Drop` of a derived type; what user code made is finished, and is dropped as usual.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ptr;

use super::access::Access;
use super::erased::{Erased, Meta};
use super::hold::Hold;
use super::keyed::{Keyed, keys_are_seen};
use super::pointee::Pointee;
use super::stack::with_room;
use super::trail::{Search, Step};
use super::traits::{DeepClone, Sweeper};
use super::unwind::{self, Payload};
use crate::cloner::Engine;

/// What a sweep is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Report each edge to the engine.
    Trace,
    /// Free what the values own.
    Dispose,
    /// Look at a source under its lock, for pointees that are written by hand and have weak handles.
    #[cfg(feature = "std")]
    Scan,
    /// Look up the keys of a map that was filled, and of those that lie in it.
    LookUp,
    /// Find maps that wait in a cell that was just placed.
    Search,
}

/// One sweep.
pub struct Sweep<'a, 'op> {
    pub(crate) purpose: Purpose,
    pub(crate) engine: &'a mut Engine<'op>,
    /// Copies that edges lead to, when tracing.
    pub(crate) found: Vec<Edge>,
    /// Sources written by hand, when scanning, each with a strong count.
    #[cfg_attr(
        not(feature = "std"),
        expect(dead_code, reason = "only locks are scanned")
    )]
    pub(crate) by_hand: Vec<Hold>,
    pub(crate) search: Search,
    /// What came of looking keys up, or a panic.
    pub(crate) lost: Result<Lost, Payload>,
}

/// The type of a key that is not found, if there is one.
pub(crate) type Lost = Option<&'static str>;

/// An edge that a trace has met.
#[derive(Clone, Copy)]
pub(crate) enum Edge {
    Strong(u32),
    Weak(u32),
}

/// Asks the placed value at an address, whose type is known to whoever made this, for its sweeper.
pub(crate) type SweeperOf = unsafe fn(at: *const u8) -> Sweeper;

/// A field of a derived type.
#[derive(Clone, Copy)]
pub struct Field {
    pub(crate) offset: usize,
    pub(crate) name: &'static str,
    sweeper_of: SweeperOf,
}

/// A field that is copied by `DeepClone`.
pub const fn deep_field<F: DeepClone>(offset: usize, name: &'static str) -> Field {
    Field {
        offset,
        name,
        sweeper_of: sweeper_of::<F>(),
    }
}

/// A field that was made by user code: finished, so dropped and never looked into.
pub const fn finished_field<F>(offset: usize, name: &'static str) -> Field {
    Field {
        offset,
        name,
        sweeper_of: of_finished::<F>,
    }
}

/// The sweeper of types whose values are made by user code or by `Clone`.
pub fn finished_sweeper<T>() -> Sweeper {
    sweep_finished::<T>
}

/// How to ask a placed `T` for its sweeper. A mere view of `__sweeper`: no code is generated for it.
pub(crate) const fn sweeper_of<T: DeepClone>() -> SweeperOf {
    // SAFETY: a reference and a raw pointer to sized types are passed alike. Whoever calls it gives the address of a placed `T`, which may be looked at.
    unsafe { core::mem::transmute::<fn(&T) -> Sweeper, SweeperOf>(T::__sweeper) }
}

/// The same for a value that user code has made.
unsafe fn of_finished<T>(_: *const u8) -> Sweeper {
    sweep_finished::<T>
}

/// Sweeps a value that has nothing to free and nothing to follow.
pub(crate) unsafe fn sweep_nothing(_: *mut u8, _: Meta, _: &mut Sweep<'_, '_>) {}

/// # Safety
///
/// `at` holds a finished `T`.
unsafe fn sweep_finished<T>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
    // SAFETY: passed on.
    unsafe { sweep.finished(at.cast::<T>()) }
}

/// Sweeps a value of a library type that owns memory and leads nowhere.
///
/// # Safety
///
/// `at` holds a `T`, whose drop glue runs no user code.
pub(crate) unsafe fn sweep_leaf<T>(at: *mut u8, _: Meta, sweep: &mut Sweep<'_, '_>) {
    if sweep.purpose == Purpose::Dispose {
        // SAFETY: `at` holds a `T`, which nobody uses after a disposal.
        unsafe { ptr::drop_in_place(at.cast::<T>()) }
    }
}

impl<'a, 'op> Sweep<'a, 'op> {
    pub(crate) fn new(purpose: Purpose, engine: &'a mut Engine<'op>) -> Self {
        Self {
            purpose,
            engine,
            found: Vec::new(),
            by_hand: Vec::new(),
            search: Search::default(),
            lost: Ok(None),
        }
    }
}

impl Sweep<'_, '_> {
    pub(crate) fn disposes(&self) -> bool {
        self.purpose == Purpose::Dispose
    }

    /// Whether this looks at what others may look at as well, a source or a copy that user code has: cells are asked before they are opened, locks left alone.
    pub(crate) fn scans(&self) -> bool {
        #[cfg(feature = "std")]
        let scans = self.purpose == Purpose::Scan;
        #[cfg(not(feature = "std"))]
        let scans = false;
        scans || self.looks_up()
    }

    /// Whether keys are looked up, which is user code.
    pub(crate) fn looks_up(&self) -> bool {
        self.purpose == Purpose::LookUp
    }

    fn searches(&self) -> bool {
        self.purpose == Purpose::Search
    }

    /// In a search: a map or the like lies at `at`. Then that is all there is to see of it: what lies in one that was filled is nowhere for long.
    pub(crate) fn meets(&mut self, at: *const u8) -> bool {
        if self.searches() {
            self.search.meets(at);
        }
        self.searches()
    }

    /// Sweeps what lies behind a step.
    #[inline(always)]
    pub(crate) fn behind(&mut self, step: impl FnOnce() -> Step, work: impl FnOnce(&mut Self)) {
        if !self.searches() {
            return work(self);
        }
        let length = self.search.go(step());
        work(self);
        self.search.go_back(length);
    }

    /// Sweeps what lies in a cell.
    pub(crate) fn in_cell(
        &mut self,
        access: impl FnOnce() -> Access,
        work: impl FnOnce(&mut Self),
    ) {
        if !self.searches() {
            return work(self);
        }
        self.search.enter(access());
        work(self);
        self.search.leave();
    }

    /// Sweeps the fields of the variant that an enum is in.
    ///
    /// # Safety
    ///
    /// As [`Sweep::fields`]; `value` is the enum at `at`.
    pub unsafe fn variant<E>(&mut self, value: &E, at: *mut u8, fields: &[Field]) {
        // SAFETY: passed on.
        self.behind(
            || Step::variant(value),
            |sweep| unsafe { sweep.fields(at, fields) },
        );
    }

    /// Whether the keys of a filled container with so many are left alone: by a trace, if user code has them. A look-up goes on to the maps in them.
    pub(crate) fn skips_keys<M: Keyed>(&self, count: usize) -> bool {
        self.purpose == Purpose::Trace && keys_are_seen::<M>(count)
    }

    /// If keys are looked up: runs what looks up those of a map. Plain ones lead nowhere, and are where they were.
    pub(crate) fn look_up<K: DeepClone>(&mut self, finds_all: impl FnOnce() -> bool) {
        if self.looks_up() && !K::__plain() && matches!(self.lost, Ok(None)) {
            let found_all = unwind::catch(finds_all);
            self.lost = found_all.map(|found| (!found).then(core::any::type_name::<K>));
        }
    }

    /// Sweeps the placed value at `at`.
    ///
    /// # Safety
    ///
    /// `at` is valid and holds a placed value; when disposing, it is not used afterwards. No reference to it lives.
    pub(crate) unsafe fn value<T: ?Sized + DeepClone>(&mut self, at: *mut T) {
        // SAFETY: a placed value may be looked at; the reference ends before the sweep begins.
        let sweeper = unsafe { (*at).__sweeper() };
        let erased = Erased::new(at.cast_const());
        // SAFETY: the sweeper comes from the value itself.
        unsafe { sweeper(at.cast(), erased.meta, self) }
    }

    /// Sweeps the fields at `at`.
    ///
    /// # Safety
    ///
    /// Each field is placed, at its offset from `at`.
    pub unsafe fn fields(&mut self, at: *mut u8, fields: &[Field]) {
        for field in fields {
            // SAFETY: the caller vouches for the offset and for the value there, from which the sweeper comes.
            unsafe {
                let at = at.add(field.offset);
                let sweeper = (field.sweeper_of)(at);
                sweeper(at, ptr::null(), self);
            }
        }
    }

    /// Sweeps the unsized tail of a value.
    ///
    /// # Safety
    ///
    /// `tail` is placed.
    pub unsafe fn tail<T: ?Sized + DeepClone>(&mut self, tail: *mut T) {
        // SAFETY: passed on.
        unsafe { self.value(tail) }
    }

    /// Sweeps a row of placed values.
    ///
    /// # Safety
    ///
    /// `first` and the `count - 1` values after it are placed.
    pub(crate) unsafe fn row<T: DeepClone>(&mut self, first: *mut T, count: usize) {
        if T::__plain() {
            return;
        }
        for index in 0..count {
            // SAFETY: within the row.
            unsafe { self.value(first.add(index)) }
        }
    }

    /// Sweeps a value that user code has made. Drops it, if values are taken apart; under a lock, later.
    ///
    /// # Safety
    ///
    /// `at` holds a finished `T`, which is not used after a disposal.
    pub(crate) unsafe fn finished<T>(&mut self, at: *mut T) {
        if !self.disposes() || !core::mem::needs_drop::<T>() || self.engine.keeps_made() {
            return;
        }
        // SAFETY: the value is moved out once; its old place is not used again.
        let value = unsafe { at.read() };
        self.engine.bury(Grave::new(value));
    }

    /// Sweeps what a `Box` or another owner of one heap block holds, deep values on fresh stack.
    ///
    /// # Safety
    ///
    /// As [`Sweep::value`].
    pub(crate) unsafe fn below<T: ?Sized + DeepClone>(&mut self, at: *mut T) {
        self.with_room(&mut |sweep| {
            // SAFETY: passed on.
            unsafe { sweep.value(at) }
        });
    }

    /// Goes on, on fresh stack if little is left.
    pub(crate) fn with_room(&mut self, work: &mut dyn FnMut(&mut Self)) {
        with_room(self, |sweep| &mut sweep.engine.stack, work);
    }

    /// Sweeps a strong handle.
    ///
    /// # Safety
    ///
    /// `handle` views a live allocation of the type that `pointee` stands for, of which the caller owns one strong
    /// count. When disposing, that count goes.
    pub(crate) unsafe fn strong(
        &mut self,
        handle: Erased,
        strong_count: usize,
        pointee: &'static Pointee,
    ) {
        match self.purpose {
            Purpose::Trace => match self.engine.entry_of_copy(handle.data) {
                Some(id) => self.found.push(Edge::Strong(id)),
                // A unique pointee has no entry; it belongs to this handle alone.
                // SAFETY: it is placed, since a unique pointee that is put off has an entry.
                None => unsafe { self.pointee(handle, pointee) },
            },
            #[cfg(feature = "std")]
            Purpose::Scan => {
                // SAFETY: the handle is live.
                let has_weak = unsafe { (pointee.has_weak)(handle) };
                if has_weak && super::hold::describe(handle, pointee).by_hand.is_some() {
                    self.by_hand.push(Hold::new(handle, pointee));
                }
            }
            // What a map owns is looked at, and no more; and so is what a cell owns.
            Purpose::LookUp | Purpose::Search => {}
            Purpose::Dispose => {
                // SAFETY: the allocation is live.
                let layout = unsafe { (pointee.layout)(handle) };
                // While values are taken apart, the engine holds one count on every copy that it knows. One count means:
                // unknown to it, so unique, so placed, and ours alone.
                if strong_count == 1 {
                    // SAFETY: as said.
                    unsafe { self.pointee(handle, pointee) }
                }
                // SAFETY: the caller's count.
                unsafe {
                    pointee
                        .family
                        .decrement(handle.data.cast_mut().cast(), layout);
                }
            }
        }
    }

    /// # Safety
    ///
    /// `handle` views a placed pointee.
    unsafe fn pointee(&mut self, handle: Erased, pointee: &'static Pointee) {
        self.with_room(&mut |sweep| {
            // SAFETY: passed on.
            unsafe { (pointee.sweep)(handle, sweep) }
        });
    }

    /// Reports a weak handle. Disposing of it is the caller's.
    pub(crate) fn weak(&mut self, target: *const ()) {
        if self.purpose != Purpose::Trace {
            return;
        }
        if let Some(id) = self.engine.entry_of_copy(target) {
            self.found.push(Edge::Weak(id));
        }
    }

    /// Sweeps the values that a container is made of, by moving them out of it.
    ///
    /// # Safety
    ///
    /// When tracing, nothing: the values are placed. When disposing, the container is not used afterwards.
    pub(crate) unsafe fn moved_out<T: DeepClone>(&mut self, mut values: impl Iterator<Item = T>) {
        self.with_room(&mut |sweep| {
            for value in &mut values {
                let mut value = MaybeUninit::new(value);
                // SAFETY: the value is placed and nobody else has it.
                unsafe { sweep.value(value.as_mut_ptr()) }
            }
        });
    }

    /// Traces values that lie somewhere in a container.
    pub(crate) fn looked_at<'v, T: DeepClone + 'v>(
        &mut self,
        mut values: impl Iterator<Item = &'v T>,
    ) {
        debug_assert!(!self.disposes());
        self.with_room(&mut |sweep| {
            for value in &mut values {
                // SAFETY: a trace reads and never writes.
                unsafe { sweep.value(ptr::from_ref(value).cast_mut()) }
            }
        });
    }
}

/// A finished value that waits to be dropped, at a time when user code may run.
pub(crate) struct Grave {
    value: *mut u8,
    drop: unsafe fn(*mut u8),
}

impl Grave {
    pub(crate) fn new<T>(value: T) -> Self {
        unsafe fn drop_boxed<T>(value: *mut u8) {
            // SAFETY: `value` comes from `Box::into_raw` of a `Box<T>` and is given once.
            drop(unsafe { Box::from_raw(value.cast::<T>()) });
        }
        Self {
            value: Box::into_raw(Box::new(value)).cast(),
            drop: drop_boxed::<T>,
        }
    }

    /// Drops the value: user code.
    pub(crate) fn open(self) {
        // SAFETY: a grave is opened once, since this takes it.
        unsafe { (self.drop)(self.value) }
    }
}
