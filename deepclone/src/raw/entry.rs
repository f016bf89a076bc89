//! One source allocation and its copy: the states a reserved allocation goes through, and who frees it in each.
//!
//! | state       | content | strong counts of the copy belong to           | after a failure it is freed by      |
//! |-------------|---------|-----------------------------------------------|-------------------------------------|
//! | `Absent`    | none    | nobody: there is no copy                      | nobody                              |
//! | `Reserved`  | none    | the entry (one); weak handles exist           | the entry's count                   |
//! | `Started`   | partial | the entry (one), and handles issued meanwhile | the entry's count and the handles   |
//! | `Queued`    | none    | the handles                                   | the handles                         |
//! | `Filling`   | partial | the handles                                   | the handles                         |
//! | `Placed`    | whole   | the handles                                   | disposed of, then the handles       |
//! | `Walking`   | whole   | as `Placed`, while it is asked for being done | as `Placed`                         |
//! | `ByHand`    | none    | nobody: inside `new_cyclic`, the count is 0   | the closure                         |
//! | `Shown`     | whole   | whoever has handles, user code too            | its own `Drop`, by the last handle  |
//! | `Settled`   | none    | nobody: user code has weak handles            | the last weak handle                |
//! | `Kept`      | source  | as before the operation                       | as before                           |
//!
//! Invariants (cited by the other files of `raw` as E1–E5):
//!
//! - E1. `source` views an allocation that lives as long as the entry is looked up by its address: it is borrowed for the whole
//!   root call as long as nobody else runs, and pinned by a weak count from before anybody else does (`exposure`).
//! - E2. `source`'s pointee is alive while an entry is `Started` or `Filling` (borrowed by the frame) or `Queued` (as E1, or held by a strong count).
//! - E3. `copy` is the data address of an allocation of the family and the layout of `source`, made by `reserve` or
//!   `new_cyclic`, and allocated in every state but `Absent`; in `Shown` and `Settled` by a weak count that the entry owns.
//! - E4. The pointee of `copy` is written only by the frame that took the entry to `Started` or `Filling`.
//! - E5. User code gets no handle, strong or weak, to a copy that is not `Shown`, `Settled` or `ByHand`.

use core::alloc::Layout;

use super::erased::{Erased, Meta};
use super::pointee::Pointee;
use super::sweep::Sweep;
use super::traits::Placed;
use crate::cloner::Engine;

/// How far the copy of an allocation has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum State {
    Absent,
    Reserved,
    Started,
    Queued,
    Filling,
    Placed,
    Walking,
    ByHand,
    Shown,
    Settled,
    Kept,
}

const STATES: [State; 11] = [
    State::Absent,
    State::Reserved,
    State::Started,
    State::Queued,
    State::Filling,
    State::Placed,
    State::Walking,
    State::ByHand,
    State::Shown,
    State::Settled,
    State::Kept,
];

/// Bits of the table's address that hold the state.
const STATE_BITS: usize = 0b00_1111;
/// The bit of the table's address that says that the entry can be found by its source.
const KEYED_BIT: usize = 0b01_0000;
/// Bits of a copy's address that tell what a hit may do.
const CLASS_BITS: usize = 0b11;
/// An edge is added, no more.
const WHOLE: usize = 0;
/// The same, and the edge closes a cycle.
const UNFINISHED: usize = 1;
/// There is more to it.
const RARE: usize = 2;

/// The key of a source: its address, with a tag in the bits that the alignment of the counts before it leaves free.
///
/// All empty `Arc<str>`, `Arc<[T]>` and `Arc<CStr>` made by `Default` lie in one static, with layouts of their own. A pointee of more than one byte is alone
/// at its address, and has the tag 0.
#[inline(always)]
pub(crate) fn key_of<T: ?Sized>(pointee: *const T, size: usize, align: usize) -> *const () {
    let address = pointee.cast::<()>();
    if size > 1 {
        return address;
    }
    address.map_addr(|address| address | tag_of(size, align))
}

/// Rare, and kept apart from what every edge does.
#[cold]
const fn tag_of(size: usize, align: usize) -> usize {
    const WORD: usize = align_of::<usize>();
    match (size, align) {
        (0, 0..=WORD) => 1,
        (0, _) if align == 2 * WORD => 2,
        (1, _) => 3,
        _ => 0,
    }
}

/// What a hit needs: half of an entry.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    key: *const (),
    /// With the class of its state in the low bits.
    copy: *mut u8,
}

/// What a first look at a source finds.
pub(crate) enum Hit {
    /// It was not seen before.
    Vacant,
    /// A copy, to which an edge only has to be added.
    Copy { copy: *mut u8, unfinished: bool },
    /// An entry in a state that asks for more.
    Rare,
}

/// What everybody else needs: the other half.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    meta: Meta,
    /// `&'static Pointee`, with the state and whether the entry is keyed in the bits that its alignment leaves free.
    tagged: *const Pointee,
}

#[inline(always)]
fn class(state: State) -> usize {
    match state {
        State::Placed | State::Walking => WHOLE,
        State::Started | State::Queued | State::Filling => UNFINISHED,
        _ => RARE,
    }
}

impl Known {
    #[inline(always)]
    pub(crate) fn is_of(&self, key: *const ()) -> bool {
        self.key.addr() == key.addr()
    }

    #[inline(always)]
    pub(crate) fn key(&self) -> *const () {
        self.key
    }

    #[inline(always)]
    pub(crate) fn copy(&self) -> *mut u8 {
        self.copy.map_addr(|address| address & !CLASS_BITS)
    }

    #[inline(always)]
    pub(crate) fn as_hit(&self) -> Hit {
        if self.copy.addr() & RARE != 0 {
            return Hit::Rare;
        }
        Hit::Copy {
            copy: self.copy(),
            unfinished: self.copy.addr() & UNFINISHED != 0,
        }
    }

    #[inline]
    pub(crate) fn set_class(&mut self, state: State) {
        self.set_copy(self.copy(), state);
    }

    #[inline]
    pub(crate) fn set_copy(&mut self, copy: *mut u8, state: State) {
        self.copy = copy.map_addr(|address| address | class(state));
    }
}

impl Facts {
    #[inline]
    pub(crate) fn state(&self) -> State {
        STATES[self.tagged.addr() & STATE_BITS]
    }

    #[inline]
    pub(crate) fn set_state(&mut self, state: State) {
        self.tagged = self
            .tagged
            .map_addr(|address| address & !STATE_BITS | state as usize);
    }

    pub(crate) fn is_keyed(&self) -> bool {
        self.tagged.addr() & KEYED_BIT != 0
    }

    #[inline]
    pub(crate) fn set_keyed(&mut self, keyed: bool) {
        let bit = if keyed { KEYED_BIT } else { 0 };
        self.tagged = self.tagged.map_addr(|address| address & !KEYED_BIT | bit);
    }
}

/// A memo entry.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    key: *const (),
    copy: *mut u8,
    meta: Meta,
    pointee: &'static Pointee,
    state: State,
}

impl Entry {
    #[inline(always)]
    pub(crate) fn new(
        key: *const (),
        meta: Meta,
        pointee: &'static Pointee,
        copy: *mut u8,
        state: State,
    ) -> Self {
        Self {
            key,
            copy,
            meta,
            pointee,
            state,
        }
    }

    /// Both halves of the entry, not keyed.
    #[inline(always)]
    pub(crate) fn split(self) -> (Known, Facts) {
        let mut known = Known {
            key: self.key,
            copy: self.copy,
        };
        known.set_copy(self.copy, self.state);
        let mut facts = Facts {
            meta: self.meta,
            tagged: self.pointee,
        };
        facts.set_state(self.state);
        (known, facts)
    }

    #[inline]
    pub(crate) fn join(known: Known, facts: Facts) -> Self {
        let table = facts
            .tagged
            .map_addr(|address| address & !(STATE_BITS | KEYED_BIT));
        Self {
            key: known.key,
            copy: known.copy(),
            meta: facts.meta,
            // SAFETY: `split` took it from a `&'static Pointee`, whose alignment leaves those bits zero.
            pointee: unsafe { &*table },
            state: facts.state(),
        }
    }

    #[inline]
    pub(crate) fn state(&self) -> State {
        self.state
    }

    #[inline]
    pub(crate) fn pointee(&self) -> &'static Pointee {
        self.pointee
    }

    #[inline]
    pub(crate) fn copy_address(&self) -> *mut u8 {
        self.copy
    }

    pub(crate) fn key(&self) -> *const () {
        self.key
    }

    pub(crate) fn source(&self) -> Erased {
        Erased {
            data: self.key.map_addr(|address| address & !0b11),
            meta: self.meta,
        }
    }

    pub(crate) fn copy(&self) -> Erased {
        Erased {
            data: self.copy.cast_const().cast(),
            meta: self.meta,
        }
    }

    /// The layout of the copy's pointee.
    pub(crate) fn layout(&self) -> Layout {
        // SAFETY: E3: the copy is allocated. Its pointee may be uninitialised; only its metadata is looked at.
        unsafe { (self.pointee().layout)(self.copy()) }
    }

    /// Writes the copy's pointee.
    #[inline]
    pub(crate) fn place(&self, engine: &mut Engine<'_>) -> Placed {
        // SAFETY: E2 and E4: the source is alive, the copy is ours to write and has its layout.
        unsafe { (self.pointee().place)(self.source(), self.copy, engine) }
    }

    /// Walks the copy's pointee or takes it apart.
    pub(crate) fn sweep(&self, sweep: &mut Sweep<'_, '_>) {
        debug_assert!(matches!(self.state(), State::Placed | State::Walking));
        // SAFETY: in these states the pointee is placed, and E5: nobody else refers to it.
        unsafe { (self.pointee().sweep)(self.copy(), sweep) }
    }

    /// Keeps the source's pointee alive while the entry is queued.
    pub(crate) fn hold_source(&self) {
        // SAFETY: E2: the source is alive now.
        unsafe { (self.pointee().hold)(self.source()) }
    }

    /// Ends [`Entry::hold_source`]. May drop the source's pointee: user code.
    pub(crate) fn release_source(&self) {
        // SAFETY: the count of `hold_source`.
        unsafe { (self.pointee().release)(self.source()) }
    }

    /// Keeps the source's address from being used again.
    pub(crate) fn pin_source(&self) {
        // SAFETY: E1: the source is allocated now.
        unsafe { (self.pointee().pin)(self.source()) }
    }

    /// Ends [`Entry::pin_source`].
    pub(crate) fn unpin_source(&self) {
        // SAFETY: the count of `pin_source`.
        unsafe { (self.pointee().unpin)(self.source()) }
    }

    /// Keeps the copy's memory allocated.
    pub(crate) fn pin_copy(&self) {
        // SAFETY: E3.
        unsafe { (self.pointee().pin)(self.copy()) }
    }

    /// Ends [`Entry::pin_copy`].
    pub(crate) fn unpin_copy(&self) {
        // SAFETY: the count of `pin_copy`.
        unsafe { (self.pointee().unpin)(self.copy()) }
    }

    /// Adds a strong count to a copy that user code may have dropped.
    pub(crate) fn revive_copy(&self) -> bool {
        debug_assert_eq!(self.state(), State::Shown);
        // SAFETY: E3: a shown copy is pinned.
        unsafe { (self.pointee().revive)(self.copy()) }
    }

    /// Gives a count of [`Entry::revive_copy`] back. May drop the copy: user code.
    pub(crate) fn release_copy(&self) {
        // SAFETY: the count of `revive_copy`.
        unsafe { (self.pointee().release)(self.copy()) }
    }

    /// The same entry in another state.
    #[cfg(feature = "rayon")]
    pub(crate) fn in_state(&self, state: State) -> Self {
        Self { state, ..*self }
    }

    /// How many strong counts the copy has.
    #[cfg(feature = "rayon")]
    pub(crate) fn strong_count(&self) -> usize {
        // SAFETY: E3.
        unsafe { self.pointee().family.strong_count(self.copy, self.layout()) }
    }

    /// Adds a strong count to a copy, finished or not.
    pub(crate) fn hold_copy(&self) {
        // SAFETY: E3, and the state is one in which somebody owns a strong count.
        unsafe { self.pointee().family.increment(self.copy, self.layout()) }
    }

    /// Takes a strong count from a copy and leaves the content alone.
    pub(crate) fn let_go_of_copy(&self) {
        // SAFETY: the caller is the owner of a count: see the table above.
        unsafe { self.pointee().family.decrement(self.copy, self.layout()) }
    }

    /// Adds a strong count to a source that stays shared.
    pub(crate) fn hold_kept(&self) -> bool {
        debug_assert_eq!(self.state(), State::Kept);
        // SAFETY: a kept source is pinned.
        unsafe { (self.pointee().revive)(self.source()) }
    }
}
