//! What user code may see: a value all of whose reachable copies are whole.
//!
//! A value is finished when a walk along its edges meets no copy that is being written. What waits in the queue is filled on the way. Each
//! copy is shown once in its life: then it is `Shown`, and what it leads to as well. Keys are looked at before that, since a value that was shown is user code's:
//! as long as one of them may be wrong, none is.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::Engine;
use crate::raw::entry::State;
use crate::raw::hold::PlacedValue;
use crate::raw::sweep::{Edge, Purpose, Sweep};
use crate::raw::traits::Failed;

/// What a walk has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    Finished,
    /// Something that the value leads to is still being written.
    Unfinished,
}

/// A walk under way.
pub(super) struct Walk {
    /// Entries whose pointees are still to be walked.
    ahead: Vec<u32>,
    /// Entries walked.
    behind: Vec<u32>,
    /// For a walk inside a walk: the marks of the outer one don't say anything to it.
    seen: Option<BTreeSet<u32>>,
    /// Reservations met. Whoever sees the weak handles to them now sees them dangle for good.
    reserved: Vec<u32>,
    unfinished: bool,
}

/// What becomes of what a walk has met.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// User code gets it.
    Show,
    /// Nothing: it is known to be whole, and stays the engine's.
    Leave,
}

impl Walk {
    /// The entry that was met after so many others.
    pub(super) fn met(&self, count: usize) -> Option<u32> {
        self.behind.get(count).copied()
    }

    pub(super) fn verdict(&self) -> Verdict {
        if self.unfinished {
            Verdict::Unfinished
        } else {
            Verdict::Finished
        }
    }
}

impl Engine<'_> {
    /// Finishes a placed value, if that can be done.
    ///
    /// The value is the caller's, and placed; `sweeper` is its own.
    pub(crate) fn finish(&mut self, value: PlacedValue) -> Result<Verdict, Failed> {
        let mut walk = self.begin_walk()?;
        let walked = self.walk(value, &mut walk);
        self.end_walk(walk, walked, Then::Show)
    }

    /// Begins a walk. It is ended whatever happens.
    pub(super) fn begin_walk(&mut self) -> Result<Walk, Failed> {
        #[cfg(feature = "rayon")]
        if self.is_member() {
            return Err(self.stop());
        }
        self.unless_failed()?;
        self.memo.index_copies();
        let nested = self.walks > 0;
        self.walks += 1;
        Ok(Walk {
            ahead: Vec::new(),
            behind: Vec::new(),
            seen: nested.then(BTreeSet::new),
            reserved: Vec::new(),
            unfinished: false,
        })
    }

    pub(super) fn end_walk(
        &mut self,
        walk: Walk,
        walked: Result<(), Failed>,
        then: Then,
    ) -> Result<Verdict, Failed> {
        self.walks -= 1;
        let verdict = walked.map(|()| walk.verdict());
        let shows = then == Then::Show && matches!(verdict, Ok(Verdict::Finished));
        if shows {
            for id in walk.reserved {
                self.settle(id, State::Settled);
            }
        }
        for id in walk.behind {
            if !matches!(self.memo.state(id), State::Placed | State::Walking) {
                continue;
            }
            if shows {
                self.memo.set_state(id, State::Shown);
                self.memo.entry(id).pin_copy();
                if self.has_failed() {
                    // P5: that count is given back like those on what was shown before.
                    self.revived.push(id);
                }
            } else if walk.seen.is_none() {
                self.memo.set_state(id, State::Placed);
            }
        }
        verdict
    }

    /// Goes on from a placed value.
    pub(super) fn walk(&mut self, value: PlacedValue, walk: &mut Walk) -> Result<(), Failed> {
        let found = self.trace(|sweep| value.sweep(sweep));
        self.meet(found, walk);
        self.walk_ahead(walk)?;
        // A weak handle dangles for good once it is seen; unless what was put off leads to its target.
        while !walk.unfinished && !walk.reserved.is_empty() && self.catches_up()? {
            let reserved = core::mem::take(&mut walk.reserved);
            self.meet(reserved.into_iter().map(Edge::Weak), walk);
            self.walk_ahead(walk)?;
        }
        Ok(())
    }

    fn walk_ahead(&mut self, walk: &mut Walk) -> Result<(), Failed> {
        while let Some(id) = walk.ahead.pop() {
            if walk.unfinished {
                return Ok(());
            }
            if self.memo.state(id) == State::Queued {
                self.fill_out_of_turn(id)?;
            }
            let entry = self.memo.entry(id);
            match entry.state() {
                State::Placed => {}
                State::Walking if walk.seen.is_some() => {}
                State::Started | State::Filling => {
                    walk.unfinished = true;
                    return Ok(());
                }
                _ => continue,
            }
            if let Some(seen) = &mut walk.seen {
                if !seen.insert(id) {
                    continue;
                }
            } else {
                self.memo.set_state(id, State::Walking);
            }
            walk.behind.push(id);
            let found = self.trace(|sweep| entry.sweep(sweep));
            self.meet(found, walk);
        }
        Ok(())
    }

    /// The edges of something placed.
    fn trace(&mut self, sweep_it: impl FnOnce(&mut Sweep<'_, '_>)) -> Vec<Edge> {
        let mut sweep = Sweep::new(Purpose::Trace, self);
        sweep_it(&mut sweep);
        sweep.found
    }

    fn meet(&mut self, edges: impl IntoIterator<Item = Edge>, walk: &mut Walk) {
        for edge in edges {
            let (id, weak) = match edge {
                Edge::Strong(id) => (id, false),
                Edge::Weak(id) => (id, true),
            };
            match self.memo.state(id) {
                State::Placed | State::Queued => walk.ahead.push(id),
                State::Walking => {
                    if walk.seen.as_ref().is_some_and(|seen| !seen.contains(&id)) {
                        walk.ahead.push(id);
                    }
                }
                State::Started | State::Filling => walk.unfinished = true,
                // Inside `new_cyclic` a weak handle can't be upgraded.
                State::ByHand => walk.unfinished |= !weak,
                State::Reserved => walk.reserved.push(id),
                State::Shown | State::Settled | State::Kept | State::Absent => {}
            }
        }
    }
}
