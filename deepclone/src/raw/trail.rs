//! The ways from a cell of the copy to the maps that wait in it.
//!
//! A map that waits is reached through its cell again each time, because user code may hold that cell meanwhile and write to it. So it is noted what has to be as it was
//! for the map to lie where it was placed: if every enum on the way is in the same variant, and every box, vector, deque and iterator has the same block, then
//! the same types lie at the same places, whatever the values are. The ways of all maps in one cell share what they have in common.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::{self, Vec};
use core::mem::{Discriminant, MaybeUninit, align_of, size_of};

use super::access::{Access, Way};

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

    /// Whether one way still leads where it did.
    ///
    /// # Safety
    ///
    /// As [`look`](Self::look).
    pub(crate) unsafe fn holds(&self, end: End) -> bool {
        let mut steps = Vec::new();
        let mut at = end;
        while let Some(link) = self.0.get(at.0) {
            steps.push(&link.step);
            at = link.before;
        }
        steps.into_iter().rev().all(|step| {
            // SAFETY: all steps before this one hold, so this one's type lies at its place.
            step.holds
                .is_some_and(|holds| unsafe { holds(step.at, &step.fact) })
        })
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

/// A search for maps in a cell that was just placed, and in the cells in it.
#[derive(Default)]
pub(crate) struct Search {
    /// Where they lie, in order, and which they are.
    wanted: Vec<(*const u8, usize)>,
    /// Which were found, in which cell, and where their ways end.
    found: Vec<(usize, usize, End)>,
    /// The cells that a map was found in or behind, and those that the search is in.
    cells: Vec<Searched>,
    /// Those that the search is in, the outermost first.
    open: Vec<usize>,
}

/// A cell in a search.
struct Searched {
    access: Access,
    /// The cell around it, and where the way from there ends.
    around: Option<(usize, End)>,
    /// The steps to where the search is, each with its link if one was made.
    ahead: Vec<(Step, Option<End>)>,
    links: Vec<Link>,
    holds_any: bool,
}

impl Searched {
    /// The end of the way to where the search is.
    fn end(&mut self) -> End {
        self.holds_any = true;
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
        end
    }
}

impl Search {
    pub(crate) fn of(mut wanted: Vec<(*const u8, usize)>) -> Self {
        wanted.sort_unstable();
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Goes into a cell, until `leave`.
    pub(crate) fn enter(&mut self, access: Access) {
        self.open.push(self.cells.len());
        self.cells.push(Searched {
            access,
            around: None,
            ahead: Vec::new(),
            links: Vec::new(),
            holds_any: false,
        });
    }

    pub(crate) fn leave(&mut self) {
        if self.open.pop().is_some() && self.cells.last().is_some_and(|cell| !cell.holds_any) {
            self.cells.pop();
        }
    }

    fn ahead(&mut self) -> Option<&mut Vec<(Step, Option<End>)>> {
        let cell = *self.open.last()?;
        Some(&mut self.cells[cell].ahead)
    }

    /// Takes a step, until `go_back` is told what this answers.
    pub(crate) fn go(&mut self, step: Step) -> usize {
        self.ahead().map_or(0, |ahead| {
            ahead.push((step, None));
            ahead.len() - 1
        })
    }

    pub(crate) fn go_back(&mut self, length: usize) {
        if let Some(ahead) = self.ahead() {
            ahead.truncate(length);
        }
    }

    /// A map or the like lies here.
    pub(crate) fn meets(&mut self, at: *const u8) {
        let Ok(index) = self.wanted.binary_search_by_key(&at, |wanted| wanted.0) else {
            return;
        };
        let Some(cell) = self.open.last().copied() else {
            return;
        };
        let end = self.cells[cell].end();
        self.found.push((self.wanted[index].1, cell, end));
        // The cells around, up to the first that is known to be on a way.
        for (around, cell) in self.open.iter().zip(&self.open[1..]).rev() {
            if self.cells[*cell].around.is_some() {
                break;
            }
            self.cells[*cell].around = Some((*around, self.cells[*around].end()));
        }
    }

    /// What was found, each with its way and where that ends.
    pub(crate) fn end(self) -> impl Iterator<Item = (usize, Rc<Way>, End)> {
        let mut ways: Vec<Rc<Way>> = Vec::with_capacity(self.cells.len());
        for cell in self.cells {
            // A cell comes behind the one around it.
            let around = cell.around.map(|(cell, end)| (ways[cell].clone(), end));
            let trails = Trails(cell.links.into_boxed_slice());
            ways.push(Rc::new(Way::new(cell.access, trails, around)));
        }
        let found = self.found.into_iter();
        found.map(move |(map, cell, end)| (map, ways[cell].clone(), end))
    }
}
