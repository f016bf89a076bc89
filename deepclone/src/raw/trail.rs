//! What has to be so still for the content of a lock to lie where it was placed.
//!
//! A map that waits in a lock, which nobody can be kept from writing to, is looked for again each time, with the lock held: if every enum on the way to it is in the
//! same variant, and every box, vector, deque and iterator has the same block, then the same types lie at the same places, whatever the values are.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::{self, Vec};
use core::mem::{Discriminant, MaybeUninit, align_of, size_of};

/// Room for a discriminant or for a block with its length.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Fact {
    _room: MaybeUninit<[u8; 16]>,
}

impl Fact {
    const EMPTY: Self = Self {
        _room: MaybeUninit::uninit(),
    };
}

/// One step of a way.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The enum, box, vector or deque.
    at: *const u8,
    /// How far an enum reaches; of an owner of a block, nothing.
    inline: usize,
    fact: Fact,
    holds: Option<unsafe fn(*const u8, *const Fact) -> bool>,
}

impl Step {
    /// A block that can't be found again.
    pub(crate) const LOST: Self = Self {
        at: core::ptr::null(),
        inline: 0,
        fact: Fact::EMPTY,
        holds: None,
    };

    fn new<F>(
        at: *const u8,
        inline: usize,
        fact: F,
        holds: unsafe fn(*const u8, *const Fact) -> bool,
    ) -> Self {
        if size_of::<F>() > size_of::<Fact>() || align_of::<F>() > align_of::<Fact>() {
            return Self::LOST;
        }
        let mut room = Fact::EMPTY;
        // SAFETY: there is room for it.
        unsafe { (&raw mut room).cast::<F>().write(fact) };
        Self {
            at,
            inline,
            fact: room,
            holds: Some(holds),
        }
    }

    /// An enum at `at` that is in the variant of `source`.
    pub(crate) fn variant<E>(source: &E, at: *const u8) -> Self {
        unsafe fn holds<E>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: an enum lies there, and the fact is that of `variant`.
            unsafe { core::mem::discriminant(&*at.cast::<E>()) == *fact.cast::<Discriminant<E>>() }
        }
        Self::new(
            at,
            size_of::<E>(),
            core::mem::discriminant(source),
            holds::<E>,
        )
    }

    /// A box at `at` with this block.
    pub(crate) fn boxed<T: ?Sized>(at: *const u8, block: *const u8) -> Self {
        unsafe fn holds(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: a thin box lies there; reading its pointer leaves it where it is.
            unsafe { at.cast::<*const u8>().read() == *fact.cast::<*const u8>() }
        }
        // What a wide one has in its block is not for its type alone to say.
        if size_of::<*const T>() > size_of::<*const u8>() {
            return Self::LOST;
        }
        Self::new(at, 0, block, holds)
    }

    /// A vector at `at` that has at least as many elements in this block.
    pub(crate) fn vector<T>(at: *const u8, first: *const T, count: usize) -> Self {
        unsafe fn holds<T>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: a vector lies there, and the fact is that of `vector`.
            let (vector, (first, count)) =
                unsafe { (&*at.cast::<Vec<T>>(), *fact.cast::<(*const T, usize)>()) };
            vector.as_ptr() == first && vector.len() >= count
        }
        Self::new(at, 0, (first, count), holds::<T>)
    }

    /// A deque at `at` that has at least as many elements in this block, in one piece.
    pub(crate) fn deque<T>(at: *const u8, first: *const T, count: usize) -> Self {
        unsafe fn holds<T>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: a deque lies there, and the fact is that of `deque`.
            let (deque, (first, count)) = unsafe {
                (
                    &*at.cast::<VecDeque<T>>(),
                    *fact.cast::<(*const T, usize)>(),
                )
            };
            let (front, _) = deque.as_slices();
            front.as_ptr() == first && front.len() >= count
        }
        Self::new(at, 0, (first, count), holds::<T>)
    }

    /// An iterator at `at` over at least as many elements of this block.
    pub(crate) fn rest<T>(at: *const u8, first: *const T, count: usize) -> Self {
        unsafe fn holds<T>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: an iterator lies there, and the fact is that of `rest`.
            let (rest, (first, count)) = unsafe {
                (
                    &*at.cast::<vec::IntoIter<T>>(),
                    *fact.cast::<(*const T, usize)>(),
                )
            };
            let rest = rest.as_slice();
            rest.as_ptr() == first && rest.len() >= count
        }
        Self::new(at, 0, (first, count), holds::<T>)
    }

    /// Where it is taken, if it can be.
    pub(crate) fn at(&self) -> Option<*const u8> {
        self.holds.map(|_| self.at)
    }

    /// Whether what lies at `place` is not a part of this enum.
    fn is_left_behind(&self, place: *const u8) -> bool {
        self.inline > 0 && !(self.at..self.at.wrapping_add(self.inline)).contains(&place)
    }
}

/// Forgets the enums that `place` is no part of. The variants of enums are noted and not taken back.
pub(crate) fn catch_up(steps: &mut Vec<Step>, from: usize, place: *const u8) {
    while steps.len() > from && steps.last().is_some_and(|step| step.is_left_behind(place)) {
        steps.pop();
    }
}

/// The steps to a place in the content of a lock.
pub(crate) struct Trail(Box<[Step]>);

impl Trail {
    /// Of nothing but fields.
    pub(crate) fn direct() -> Self {
        Self(Box::default())
    }

    /// If all steps can be taken again.
    pub(crate) fn new(steps: &[Step]) -> Option<Self> {
        steps
            .iter()
            .all(|step| step.holds.is_some())
            .then(|| Self(steps.into()))
    }

    /// Whether the way still leads there.
    ///
    /// # Safety
    ///
    /// The lock is held, and its content is whole. The steps were noted while that was placed, in this order.
    pub(crate) unsafe fn holds(&self) -> bool {
        self.0.iter().all(|step| {
            step.holds.is_some_and(|holds| {
                // SAFETY: all steps before this one hold, so this one's type lies at its place.
                unsafe { holds(step.at, &step.fact) }
            })
        })
    }
}
