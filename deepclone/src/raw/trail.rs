//! The ways from a cell of the copy to the maps that wait in it.
//!
//! A map that waits is reached through its cell again each time, because user code may hold that cell meanwhile and write to it. So it is noted what has to be as it was
//! for the map to lie where it was placed: if every enum on the way is in the same variant, and every box, vector, deque and iterator has the same block, then
//! the same types lie at the same places, whatever the values are. The ways of all maps in one cell share what they have in common.

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
    /// The enum, or the owner of the block.
    at: *const u8,
    fact: Fact,
    holds: Option<unsafe fn(*const u8, *const Fact) -> bool>,
}

/// An owner of a row of values.
pub(crate) trait Row {
    type Item;

    /// As many of its values as lie in one piece.
    fn row(&self) -> &[Self::Item];
}

impl<T> Row for Vec<T> {
    type Item = T;

    fn row(&self) -> &[T] {
        self
    }
}

impl<T> Row for VecDeque<T> {
    type Item = T;

    fn row(&self) -> &[T] {
        self.as_slices().0
    }
}

impl<T> Row for vec::IntoIter<T> {
    type Item = T;

    fn row(&self) -> &[T] {
        self.as_slice()
    }
}

impl Step {
    /// Into what can't be found again.
    pub(crate) const LOST: Self = Self {
        at: core::ptr::null(),
        fact: Fact::EMPTY,
        holds: None,
    };

    fn new<F>(at: *const u8, fact: F, holds: unsafe fn(*const u8, *const Fact) -> bool) -> Self {
        if size_of::<F>() > size_of::<Fact>() || align_of::<F>() > align_of::<Fact>() {
            return Self::LOST;
        }
        let mut room = Fact::EMPTY;
        // SAFETY: there is room for it.
        unsafe { (&raw mut room).cast::<F>().write(fact) };
        Self {
            at,
            fact: room,
            holds: Some(holds),
        }
    }

    /// Into the variant that this enum is in.
    pub(crate) fn variant<E>(value: &E) -> Self {
        unsafe fn holds<E>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: an enum lies there, and the fact is that of `variant`.
            unsafe { core::mem::discriminant(&*at.cast::<E>()) == *fact.cast::<Discriminant<E>>() }
        }
        let at = core::ptr::from_ref(value).cast();
        Self::new(at, core::mem::discriminant(value), holds::<E>)
    }

    /// Into the block of the box at `at`, which is wide if its content is a slice: then the length is the same as well.
    ///
    /// # Safety
    ///
    /// A box of a `T` lies there, and the metadata of a `T` says which type that is or how long the slice is.
    pub(crate) unsafe fn boxed<T: ?Sized>(at: *const u8) -> Self {
        unsafe fn holds<T: ?Sized>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: a box lies there, which is laid out like a pointer; the fact is that of `boxed`. All of it is compared.
            unsafe { core::ptr::eq(at.cast::<*const T>().read(), *fact.cast::<*const T>()) }
        }
        // SAFETY: as above; reading its pointer leaves the box where it is.
        Self::new(at, unsafe { at.cast::<*const T>().read() }, holds::<T>)
    }

    /// Into a row, whose owner has at least as many values in the same block.
    pub(crate) fn row<C: Row>(owner: &C) -> Self {
        unsafe fn holds<C: Row>(at: *const u8, fact: *const Fact) -> bool {
            // SAFETY: an owner of this type lies there, and the fact is that of `row`.
            let (row, (first, count)) = unsafe {
                (
                    (*at.cast::<C>()).row(),
                    *fact.cast::<(*const C::Item, usize)>(),
                )
            };
            row.as_ptr() == first && row.len() >= count
        }
        let row = owner.row();
        let at = core::ptr::from_ref(owner).cast();
        Self::new(at, (row.as_ptr(), row.len()), holds::<C>)
    }
}

/// A step and the one before it.
struct Link {
    step: Step,
    before: End,
    /// It can be taken again, and so can all before it.
    is_known: bool,
}

/// The last step of a way; the content of the cell, if there is none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct End(usize);

impl End {
    const CONTENT: Self = Self(usize::MAX);
}

/// The ways from one cell.
#[derive(Default)]
pub(crate) struct Trails(Box<[Link]>);

/// Which of them still lead where they did, as long as nobody else can write to the cell.
pub(crate) struct Standing(Vec<bool>);

impl Trails {
    /// Looks which ways still lead where they did.
    ///
    /// # Safety
    ///
    /// The content of the cell that these were noted in lives and is whole, and nobody writes to it.
    pub(crate) unsafe fn look(&self) -> Standing {
        let mut standing = Standing(Vec::with_capacity(self.0.len()));
        for link in &self.0 {
            let stands = standing.holds(link.before)
                && link.step.holds.is_some_and(|holds| {
                    // SAFETY: all steps before this one hold, so this one's type lies at its place.
                    unsafe { holds(link.step.at, &link.step.fact) }
                });
            standing.0.push(stands);
        }
        standing
    }

    /// Whether a way can be taken again.
    pub(crate) fn is_known(&self, end: End) -> bool {
        self.0.get(end.0).is_none_or(|link| link.is_known)
    }
}

impl Standing {
    pub(crate) fn holds(&self, end: End) -> bool {
        end == End::CONTENT || self.0.get(end.0).is_some_and(|stands| *stands)
    }
}

/// A search for maps in a cell that was just placed.
#[derive(Default)]
pub(crate) struct Search {
    /// Where they lie, in order, and which they are.
    wanted: Vec<(*const u8, usize)>,
    /// Which were found, and where their ways end.
    found: Vec<(usize, End)>,
    /// The steps to where the search is, each with its link if one was made.
    ahead: Vec<(Step, Option<End>)>,
    links: Vec<Link>,
    in_cell: bool,
}

impl Search {
    pub(crate) fn of(mut wanted: Vec<(*const u8, usize)>) -> Self {
        wanted.sort_unstable();
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Whether this is the cell to be searched, and none inside of it.
    pub(crate) fn enters_cell(&mut self) -> bool {
        !core::mem::replace(&mut self.in_cell, true)
    }

    /// Takes a step, until `go_back` is told what this answers.
    pub(crate) fn go(&mut self, step: Step) -> usize {
        let length = self.ahead.len();
        self.ahead.push((step, None));
        length
    }

    pub(crate) fn go_back(&mut self, length: usize) {
        self.ahead.truncate(length);
    }

    /// A map or the like lies here.
    pub(crate) fn meets(&mut self, at: *const u8) {
        let Ok(index) = self.wanted.binary_search_by_key(&at, |wanted| wanted.0) else {
            return;
        };
        let known = self.ahead.iter().rposition(|(_, link)| link.is_some());
        let mut end = known
            .and_then(|at| self.ahead[at].1)
            .unwrap_or(End::CONTENT);
        let mut is_known = self.links.get(end.0).is_none_or(|link| link.is_known);
        for (step, link) in &mut self.ahead[known.map_or(0, |at| at + 1)..] {
            is_known &= step.holds.is_some();
            self.links.push(Link {
                step: *step,
                before: end,
                is_known,
            });
            end = End(self.links.len() - 1);
            *link = Some(end);
        }
        self.found.push((self.wanted[index].1, end));
    }

    /// What was found, and the ways.
    pub(crate) fn end(self) -> (Vec<(usize, End)>, Trails) {
        (self.found, Trails(self.links.into_boxed_slice()))
    }
}
