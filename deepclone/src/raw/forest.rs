//! Cells of the copy that are opened together, each inside the one around it: so none is opened once for every cell that lies in it.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::access::{Mode, Sight, Way};
use super::stack::with_room;
use super::trail::End;
use crate::cloner::Engine;

/// What is done in a cell, told which of those that were asked for it is.
type Work<'a> = dyn FnMut(usize, &Sight<'_>, &mut Engine<'_>) + 'a;

/// Some cells, and those around them.
pub(super) struct Forest<'w> {
    trees: Vec<Tree<'w>>,
    /// Those with no cell around.
    roots: Vec<usize>,
}

/// A cell.
struct Tree<'w> {
    way: &'w Rc<Way>,
    /// Which of those that were asked for it is.
    asked: Vec<usize>,
    /// How many maps are looked for in it.
    maps: usize,
    /// The cells in it, and where the ways there end.
    inner: Vec<(End, usize)>,
}

impl<'w> Forest<'w> {
    /// Those of these cells, each with how many maps are looked for in it.
    pub(super) fn of(cells: impl Iterator<Item = (&'w Rc<Way>, usize)>) -> Self {
        let mut forest = Self {
            trees: Vec::new(),
            roots: Vec::new(),
        };
        let mut known = BTreeMap::new();
        for (asked, (way, maps)) in cells.enumerate() {
            let at = forest.plant(way, &mut known);
            forest.trees[at].asked.push(asked);
            forest.trees[at].maps += maps;
        }
        forest
    }

    /// The tree of a cell, in those around it.
    fn plant(&mut self, way: &'w Rc<Way>, known: &mut BTreeMap<*const Way, usize>) -> usize {
        let mut next = way;
        let mut below: Option<(End, usize)> = None;
        let mut planted = None;
        loop {
            let key = Rc::as_ptr(next);
            let at = known.get(&key).copied();
            let is_new = at.is_none();
            let at = at.unwrap_or(self.trees.len());
            if is_new {
                known.insert(key, at);
                self.trees.push(Tree {
                    way: next,
                    asked: Vec::new(),
                    maps: 0,
                    inner: Vec::new(),
                });
            }
            self.trees[at].inner.extend(below);
            planted = planted.or(Some(at));
            match next.around() {
                Some((around, end)) if is_new => {
                    below = Some((*end, at));
                    next = around;
                }
                None if is_new => {
                    self.roots.push(at);
                    break;
                }
                _ => break,
            }
        }
        planted.unwrap_or(0)
    }

    /// Runs the work on each of the cells that were asked for, while it is open and those around it are open for reading. What can't be opened, or is not there any more, is left out.
    ///
    /// # Safety
    ///
    /// W2. The work uses the maps that are in sight in no other way than the mode allows.
    pub(super) unsafe fn open(&self, mode: Mode, engine: &mut Engine<'_>, work: &mut Work<'_>) {
        for root in &self.roots {
            // SAFETY: passed on.
            unsafe { self.visit(*root, mode, engine, work) }
        }
    }

    /// # Safety
    ///
    /// As [`open`](Self::open). The cell is where it was, because those around it are open.
    unsafe fn visit(&self, at: usize, mode: Mode, engine: &mut Engine<'_>, work: &mut Work<'_>) {
        let Tree {
            way,
            asked,
            maps,
            inner,
        } = &self.trees[at];
        if mode == Mode::Write {
            if !asked.is_empty() {
                // SAFETY: passed on.
                unsafe {
                    way.see(mode, *maps, &mut |sight| {
                        work_at(asked, sight, engine, work)
                    })
                };
            }
            if inner.is_empty() {
                return;
            }
        }
        let mut go_on = |sight: &Sight<'_>| {
            if mode == Mode::Read {
                work_at(asked, sight, engine, work);
            }
            for (end, inner) in inner {
                if sight.has(*end) {
                    // The way in is as deep as the cells are.
                    with_room(
                        engine,
                        |engine| &mut engine.stack,
                        // SAFETY: passed on; the one around is open, and this one is still there.
                        |engine| unsafe { self.visit(*inner, mode, engine, work) },
                    );
                }
            }
        };
        // SAFETY: passed on.
        unsafe { way.see(Mode::Read, maps + inner.len(), &mut go_on) };
    }
}

fn work_at(asked: &[usize], sight: &Sight<'_>, engine: &mut Engine<'_>, work: &mut Work<'_>) {
    for asked in asked {
        work(*asked, sight, engine);
    }
}
