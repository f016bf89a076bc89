//! Where the value being placed lies, and how long that stays its place: what a map has to know that waits there for its keys.

use core::cmp::Ordering;

use super::Engine;
use super::rare::Rare;
use crate::raw::trail::{Step, Trail, catch_up};
use crate::raw::traits::Placed;
use crate::raw::waiting::Owner;

/// Where the value being placed lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The shared allocation it lies in, if that is known.
    pub(crate) owner: *const Owner,
    ground: Ground,
}

/// Cells and locks that are open around a value, up to the allocation it lies in, and how long its place stays its place. One
/// word, written and read as a whole: it is saved at every pointer, and a processor waits where it reads at once what was written in parts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ground(usize);

impl Ground {
    /// No guard, and for ever: like a field of its owner.
    const FIRM: Self = Self(Fixed::Forever as usize);
    /// Not a part of its owner yet.
    const ASIDE: Self = Self(Self::APART | Fixed::Moves as usize);
    const APART: usize = 1 << 2;
    /// It lies in the content of a lock, and may have to be found there again: the way is noted.
    const ON_TRAIL: usize = 1 << 3;
    /// The outermost cell around it is moved as soon as it is placed.
    const CELL_MOVES: usize = 1 << 4;
    const GUARD: usize = 1 << 5;

    const fn has(self, flag: usize) -> bool {
        self.0 & flag != 0
    }

    const fn with(self, flag: usize) -> Self {
        Self(self.0 | flag)
    }

    const fn guards(self) -> usize {
        self.0 / Self::GUARD
    }

    const fn fix(self, fixed: Fixed) -> Self {
        Self(self.0 & !3 | fixed as usize)
    }

    /// For ever, or until somebody writes to a cell that is open around it.
    const fn in_block(self) -> Self {
        Self((self.0 & !3) + (self.0 >= Self::GUARD) as usize)
    }

    /// Behind one more guard. A cell that moves stays where it is until its guard is gone, and so does what lies in it: then the maps there are filled.
    fn in_cell(self) -> Self {
        let moves = self.0 < Self::GUARD && self.fixed() < Fixed::UnlessWritten;
        let behind = Self(self.0 + Self::GUARD);
        if moves {
            behind.fix(Fixed::UntilFilled).with(Self::CELL_MOVES)
        } else {
            behind
        }
    }

    const fn fixed(self) -> Fixed {
        match self.0 & 3 {
            0 => Fixed::Forever,
            1 => Fixed::UnlessWritten,
            2 => Fixed::UntilFilled,
            _ => Fixed::Moves,
        }
    }
}

/// How long the place of a value stays the place of that value. What stays longer is more, though its number is less: nothing but zeros is written for a root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub(crate) enum Fixed {
    /// Until the operation ends, whatever is written to the cell around it: between the two there are fields only.
    Forever = 0,
    /// Until the operation ends, if nobody writes to the cell around it.
    UnlessWritten,
    /// It is moved when the maps gathered with it are filled.
    UntilFilled,
    /// It is moved as soon as it is placed.
    Moves,
}

impl Ord for Fixed {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        (*other as usize).cmp(&(*self as usize))
    }
}

impl PartialOrd for Fixed {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Place {
    pub(super) const ROOT: Self = Self {
        owner: core::ptr::null(),
        ground: Ground::FIRM,
    };

    /// In a local of ours, or on the way into a container.
    pub(crate) const ASIDE: Self = Self {
        owner: core::ptr::null(),
        ground: Ground::ASIDE,
    };

    /// Cells and locks that are open around the value, up to its owner.
    #[inline(always)]
    pub(crate) fn guards(&self) -> usize {
        self.ground.guards()
    }

    #[inline(always)]
    pub(crate) fn fixed(&self) -> Fixed {
        self.ground.fixed()
    }

    /// Whether the value has an owner, and nobody can part it from that before the operation ends. Then what it alone points to is a part of that owner as well.
    #[inline(always)]
    pub(crate) fn is_firm(&self) -> bool {
        self.ground == Ground::FIRM && !self.owner.is_null()
    }

    /// Whether the root owns the value, through values and blocks alone.
    #[inline(always)]
    pub(crate) fn is_of_root(&self) -> bool {
        self.ground == Ground::FIRM && self.owner.is_null()
    }

    /// Whether it may have to be found again in the content of a lock.
    #[inline(always)]
    pub(crate) fn is_on_trail(&self) -> bool {
        self.ground.has(Ground::ON_TRAIL)
    }

    /// Whether the outermost cell around it is moved as soon as it is placed.
    pub(crate) fn cell_moves(&self) -> bool {
        self.ground.has(Ground::CELL_MOVES)
    }

    #[inline(always)]
    pub(crate) fn fix(&mut self, fixed: Fixed) {
        self.ground = self.ground.fix(fixed);
    }
}

impl Engine<'_> {
    /// What is placed next lies in memory of its own that does not move: a box, a buffer.
    #[inline(always)]
    pub(crate) fn in_block(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        self.in_known_block(|engine| engine.note_block(|| Step::LOST), place)
    }

    /// The same, in one that can be found again.
    #[inline(always)]
    pub(crate) fn in_known_block(
        &mut self,
        note: impl FnOnce(&mut Self) -> usize,
        place: impl FnOnce(&mut Self) -> Placed,
    ) -> Placed {
        let before = self.place.ground;
        let length = if before.has(Ground::ON_TRAIL) {
            note(self)
        } else {
            0
        };
        self.place.ground = before.in_block();
        let placed = place(self);
        self.place.ground = before;
        if before.has(Ground::ON_TRAIL) {
            self.leave_block(length);
        }
        placed
    }

    /// The same, where no way is noted.
    #[inline(always)]
    pub(crate) fn in_block_off_trail(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        debug_assert!(!self.place.is_on_trail());
        let before = self.place.ground;
        self.place.ground = before.in_block();
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// Notes the block that is placed next, which lies in the content of a lock. Answers how long the trail was.
    #[cold]
    #[inline(never)]
    pub(crate) fn note_block(&mut self, step: impl FnOnce() -> Step) -> usize {
        self.note_step(step())
    }

    fn note_step(&mut self, step: Step) -> usize {
        if let Some(at) = step.at() {
            let rare: &mut Rare = self;
            catch_up(&mut rare.trail, rare.trail_from, at);
        }
        // What is moved once more is not found again where it was placed, nor is what it leads to.
        let stays = self.place.fixed() >= Fixed::UnlessWritten;
        let length = self.trail.len();
        self.trail.push(if stays { step } else { Step::LOST });
        length
    }

    fn leave_block(&mut self, length: usize) {
        self.trail.truncate(length);
    }

    /// What is placed next lies in a variant of an enum, which `start_variant` notes for as long as this lasts.
    #[inline(always)]
    pub(crate) fn in_variant(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place.ground;
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// What is placed next lies in a container's own bytes, and is there only as long as nobody takes it out.
    #[cfg(any(feature = "arrayvec-0_7", feature = "smallvec-1"))]
    pub(crate) fn in_slots(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        if self.place.guards() == 0 {
            return place(self);
        }
        let on_trail = self.place.is_on_trail();
        let length = if on_trail {
            self.note_block(|| Step::LOST)
        } else {
            0
        };
        let placed = self.while_fixed(self.place.fixed().min(Fixed::UnlessWritten), place);
        if on_trail {
            self.trail.truncate(length);
        }
        placed
    }

    /// What is placed next lies elsewhere, and is moved to its place in time.
    #[inline(always)]
    pub(crate) fn aside(
        &mut self,
        fixed: Fixed,
        place: impl FnOnce(&mut Self) -> Placed,
    ) -> Placed {
        if !self.place.is_on_trail() {
            return self.while_fixed(fixed, place);
        }
        // The enums in it are none of those around it.
        let length = self.note_block(|| Step::LOST);
        let placed = self.while_fixed(fixed, place);
        self.trail.truncate(length);
        placed
    }

    /// What is placed next lies in this variant of an enum, which lies in the content of a lock.
    #[inline(never)]
    pub(crate) fn note_variant<E>(&mut self, source: &E, at: *const u8) {
        self.note_variant_step(Step::variant(source, at), at);
    }

    fn note_variant_step(&mut self, step: Step, at: *const u8) {
        let rare: &mut Rare = self;
        catch_up(&mut rare.trail, rare.trail_from, at);
        rare.trail.push(step);
    }

    /// The way from the lock that is open around a place to that place, if there is one.
    pub(crate) fn trail_to(&mut self, place: *const u8) -> Option<Trail> {
        if !self.place.is_on_trail() {
            return None;
        }
        let rare: &mut Rare = self;
        catch_up(&mut rare.trail, rare.trail_from, place);
        Trail::new(&rare.trail[rare.trail_from..])
    }

    /// What is placed next is the content of a cell, which is kept from being written to while a map in it waits.
    #[inline(always)]
    pub(crate) fn in_cell(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place.ground;
        self.place.ground = before.in_cell();
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// What is placed next is the content of a lock, in which a map that waits has to be found again.
    #[cfg(feature = "std")]
    pub(crate) fn in_lock(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        // What lies in two of them can't wait.
        if self.place.guards() > 0 {
            return self.in_cell(place);
        }
        let (from, length) = (self.trail_from, self.trail.len());
        let before = self.place.ground;
        self.place.ground = before.in_cell().with(Ground::ON_TRAIL);
        self.trail_from = length;
        let placed = place(self);
        self.place.ground = before;
        self.trail_from = from;
        self.trail.truncate(length);
        placed
    }

    /// What is placed next is fixed no longer than that.
    #[inline(always)]
    pub(crate) fn while_fixed(
        &mut self,
        fixed: Fixed,
        place: impl FnOnce(&mut Self) -> Placed,
    ) -> Placed {
        let before = self.place.ground;
        self.place.fix(fixed);
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// What is placed next is the content of a fresh shared allocation.
    #[inline(always)]
    pub(crate) fn inside(
        &mut self,
        owner: &Owner,
        place: impl FnOnce(&mut Self) -> Placed,
    ) -> Placed {
        let before = self.place.ground;
        self.place.owner = owner;
        self.place.ground = Ground::FIRM;
        let placed = place(self);
        self.place.owner = owner.around;
        self.place.ground = before;
        placed
    }
}
