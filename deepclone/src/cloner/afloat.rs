//! Maps in cells in what is moved once more: the value of a map, a list or a cell that is set once, where no cell lies around that.
//!
//! Such a value is placed aside and moved when it is whole. The maps in its cells, which are closed by then, are told where it went; when that is where it stays, they are
//! filled or wait like all others.

use alloc::vec::Vec;
use core::ops::Range;

use super::Engine;
use crate::raw::access::Access;
use crate::raw::traits::Placed;
use crate::raw::waiting::Waiting;

/// A closed cell with maps in it, that is moved once more.
pub(crate) struct Afloat {
    access: Access,
    maps: Vec<Waiting>,
    /// How many had been gathered before them.
    gathered: usize,
    /// Edges seen when it was closed.
    edges: u64,
}

impl Afloat {
    pub(super) fn maps(&mut self) -> &mut [Waiting] {
        &mut self.maps
    }

    pub(super) fn into_maps(self) -> Vec<Waiting> {
        self.maps
    }

    /// What lay in `old` lies at `new`. Tells whether the cell did.
    fn moves(&mut self, old: &Range<usize>, new: *mut u8) -> bool {
        for map in &mut self.maps {
            map.moves(old, new);
        }
        let cell = &mut self.access.cell;
        let moves = old.contains(&cell.data.addr());
        if moves {
            let moved = new.wrapping_add(cell.data.addr() - old.start);
            *cell = cell.at(moved.cast_const().cast());
        }
        moves
    }
}

impl Engine<'_> {
    /// A cell is closed that is moved once more, with maps in it.
    pub(super) fn floats(&mut self, maps: Vec<Waiting>, gathered: usize, access: Access) {
        let edges = self.edges;
        self.afloat.push(Afloat {
            access,
            maps,
            gathered,
            edges,
        });
    }

    /// How many cells are afloat.
    #[inline(always)]
    pub(crate) fn count_afloat(&self) -> usize {
        self.afloat.len()
    }

    /// Some of the cells that are afloat lay in a value that was placed at `old` and lies at `new` now, or in what that alone leads to.
    #[cold]
    pub(crate) fn has_moved<T>(&mut self, which: Range<usize>, old: *const T, new: *mut T) {
        let old = old.addr()..old.addr() + size_of::<T>();
        for afloat in &mut self.afloat[which] {
            afloat.moves(&old, new.cast());
        }
    }

    /// The same for all since there were `from`. Those that lie in the value itself stay afloat if that is moved once more; the others don't.
    #[cold]
    pub(crate) fn floats_to<T>(&mut self, from: usize, old: *const T, new: *mut T) -> Placed {
        let old = old.addr()..old.addr() + size_of::<T>();
        let mut stay = from;
        for index in from..self.afloat.len() {
            if self.afloat[index].moves(&old, new.cast()) && self.place.floats() {
                self.afloat.swap(stay, index);
                stay += 1;
            }
        }
        self.lands(stay)
    }

    /// The cells that are afloat since there were `from` were in a value that lies at `new` now, for good.
    #[cold]
    pub(crate) fn lands_at<T>(&mut self, from: usize, old: *const T, new: *mut T) -> Placed {
        self.has_moved(from..self.afloat.len(), old, new);
        self.lands(from)
    }

    /// The cells that are afloat since there were `from` lie where they stay. In a block of a key's, no map in them can wait, as in the key itself.
    #[cold]
    pub(crate) fn lands(&mut self, from: usize) -> Placed {
        if self.place.is_in_key() {
            self.keeps_from_waiting(from);
        }
        self.afloat[from..].reverse();
        while self.afloat.len() > from {
            self.keep_up()?;
            if let Some(afloat) = self.afloat.pop() {
                self.fill_closed(afloat.maps, afloat.gathered, afloat.access)?;
            }
        }
        Ok(())
    }

    /// Brings the cells that are afloat since there were `from` into the order of the values of a row that they lie in, and tells of each which value that is. What lies elsewhere, in a
    /// block of its own, comes first.
    #[cfg(feature = "rayon")]
    pub(crate) fn sort_afloat<T>(&mut self, from: usize, row: Range<*const T>) -> Vec<usize> {
        let value_of = |afloat: &Afloat| {
            let offset = afloat.access.cell.data.addr().checked_sub(row.start.addr());
            let is_there = afloat.access.cell.data.addr() < row.end.addr();
            offset
                .filter(|_| is_there)
                .map_or(0, |offset| offset / size_of::<T>())
        };
        self.afloat[from..].sort_by_key(value_of);
        self.afloat[from..].iter().map(value_of).collect()
    }

    /// A key was placed when so many edges had been seen. User code is about to get it, so no map in it can wait.
    #[inline(always)]
    pub(crate) fn sinks(&mut self, edges: u64) -> Placed {
        if self
            .afloat
            .last()
            .is_some_and(|afloat| afloat.edges > edges)
        {
            return self.sink(edges);
        }
        Ok(())
    }

    #[cold]
    fn sink(&mut self, edges: u64) -> Placed {
        let from = self.afloat.partition_point(|afloat| afloat.edges <= edges);
        // What the key was placed with was added last, and was sorted among itself alone.
        debug_assert!(
            self.afloat[from..]
                .iter()
                .all(|afloat| afloat.edges > edges)
        );
        self.keeps_from_waiting(from);
        self.lands(from)
    }

    fn keeps_from_waiting(&mut self, from: usize) {
        for map in self.afloat[from..].iter_mut().flat_map(Afloat::maps) {
            map.can_not_wait();
        }
    }
}
