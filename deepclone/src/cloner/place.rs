//! Where the value being placed lies: what a map has to know that waits there for its keys.

use super::Engine;
use crate::raw::traits::Placed;
use crate::raw::waiting::Owner;

/// Where the value being placed lies.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The shared allocation it lies in, if that is known.
    pub(crate) owner: *const Owner,
    ground: Ground,
}

/// Cells and locks that are open around a value, up to the allocation it lies in, and whether the outermost of them is moved, and whither. One
/// word, written and read as a whole: it is saved at every pointer, and a processor waits where it reads at once what was written in parts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ground(usize);

impl Ground {
    /// No guard, and like a field of its owner. Nothing but zeros is written for a root.
    const FIRM: Self = Self(0);
    /// It is moved as soon as it is placed, or the outermost cell around it is.
    const MOVES: Self = Self(1);
    /// The same, and the maps in it are told where to: see `afloat`.
    const FLOATS: Self = Self(2);
    /// It is a part of a key, which user code gets before the operation ends.
    const IN_KEY: Self = Self(4);
    const GUARD: usize = 8;

    const fn guards(self) -> usize {
        self.0 / Self::GUARD
    }

    const fn moves(self) -> bool {
        self.0 & Self::MOVES.0 != 0
    }

    const fn floats(self) -> bool {
        self.0 & Self::FLOATS.0 != 0
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
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
        ground: Ground::MOVES,
    };

    /// Cells and locks that are open around the value, up to its owner.
    #[inline(always)]
    pub(crate) fn guards(&self) -> usize {
        self.ground.guards()
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

    /// Whether the value, or the outermost cell around it, is moved as soon as it is placed, nobody is told where to.
    pub(crate) fn moves(&self) -> bool {
        self.ground.moves()
    }

    /// Whether the value is moved as soon as it is placed, and the maps in it are told where to.
    pub(crate) fn floats(&self) -> bool {
        self.ground.floats()
    }

    /// Whether the value is a part of a key, in no shared allocation of its own. No map can wait there: it is filled before the key is hashed or compared.
    pub(super) fn is_in_key(&self) -> bool {
        self.ground.0 & Ground::IN_KEY.0 != 0
    }

    /// The place of a value that is moved from here to where we tell. Nobody is told in the root, where no map has to wait.
    #[inline(always)]
    pub(crate) fn afloat(&self) -> Self {
        if self.owner.is_null() || self.ground.moves() {
            return Self::ASIDE;
        }
        Self {
            owner: self.owner,
            ground: Ground(self.ground.0 & Ground::IN_KEY.0).with(Ground::FLOATS),
        }
    }
}

impl Engine<'_> {
    /// What is placed next lies elsewhere, and is moved to its place in time. Under a guard it stays until that is gone, and the maps in it are filled.
    #[inline(always)]
    pub(crate) fn aside(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place.ground;
        if before.guards() == 0 {
            self.place.ground = Ground::MOVES;
        }
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// What is placed next is moved to its place in time, and then the maps in it are told. Under a guard it holds none: what does is gathered there.
    #[inline(always)]
    pub(crate) fn afloat(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place;
        if before.guards() == 0 {
            self.place = before.afloat();
        }
        let placed = place(self);
        self.place = before;
        placed
    }

    /// What is placed next is a key.
    #[inline(always)]
    pub(crate) fn in_key(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place.ground;
        self.place.ground = before.with(Ground::IN_KEY);
        let placed = place(self);
        self.place.ground = before;
        placed
    }

    /// What is placed next is the content of a cell or a lock.
    #[inline(always)]
    pub(crate) fn in_cell(&mut self, place: impl FnOnce(&mut Self) -> Placed) -> Placed {
        let before = self.place.ground;
        self.place.ground = Ground(before.0 + Ground::GUARD);
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
