//! How to get into a cell or a lock of the copy again, and to the maps that wait in it.

use alloc::rc::Rc;
use core::cell::Cell;

use super::erased::Erased;
use super::stack::with_room;
use super::sweep::{Grave, Sweep};
use super::trail::{End, Standing, Trails};
use super::traits::Sweeper;
use crate::cloner::Engine;

/// How to open a cell or a lock of the copy.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    pub(crate) cell: Erased,
    /// That of the cell.
    pub(crate) sweeper: Sweeper,
    /// Runs the work while the cell is open, for writing or for reading; or tells that somebody else has it open.
    pub(crate) open: unsafe fn(Erased, Mode, &mut dyn FnMut()) -> bool,
    /// Keeps it from being written to and leaves it open for reading, if there is a way. Only for cells of one thread: so what was shared stays as it is as long as no
    /// user code runs, also when it is opened for writing.
    pub(crate) share: Option<unsafe fn(Erased) -> Option<Grave>>,
    /// If it keeps those out who want to read it as well: poisons it, or makes it sound again. Tells whether it is poisoned now.
    pub(crate) poison: Option<unsafe fn(Erased, bool) -> bool>,
}

impl Access {
    /// Sweeps the cell.
    pub(crate) fn sweep(&self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: the cell is placed, and the sweeper its own. Nobody else has it.
        unsafe { (self.sweeper)(self.cell.data.cast_mut().cast(), self.cell.meta, sweep) }
    }
}

/// How to get to the maps that wait in one cell.
pub(crate) struct Way {
    access: Access,
    /// Through the cell around that one, to where it lies in there.
    around: Option<(Rc<Way>, End)>,
    /// From the cell to each map, and to each cell with maps in it.
    trails: Trails,
    /// Not all of them can be taken again: so the cell is kept from being written to, and has been all the time.
    is_shared: Cell<bool>,
    /// Keeps it.
    shared: Cell<Option<Grave>>,
    /// The cell can be found again in the one around it, and that one in turn.
    is_known: bool,
    /// The same; or all that is not known can be kept as it is.
    is_fixed: bool,
    /// The cell can be kept from being written to; and so can those around it, which keeps it where it is.
    is_shareable: bool,
    /// The outermost cell around it that can be poisoned, which keeps readers out.
    lock: Option<Rc<Self>>,
}

/// What is seen in an open cell.
pub(super) enum Sight<'w> {
    /// All ways were looked at.
    Standing(Standing),
    /// Each is looked at when it is asked for.
    Open(&'w Trails),
    /// Nothing was written to it.
    Untouched,
}

impl Way {
    pub(super) fn new(access: Access, trails: Trails, around: Option<(Rc<Self>, End)>) -> Self {
        let outer = around.as_ref();
        Self {
            is_known: outer.is_none_or(|(way, end)| way.is_known && way.trails.is_known(*end)),
            is_fixed: outer.is_none_or(|(way, end)| way.leads_to(*end)),
            is_shareable: access.share.is_some() && outer.is_none_or(|(way, _)| way.is_shareable),
            lock: outer.and_then(|(way, _)| way.lock()),
            access,
            around,
            trails,
            is_shared: Cell::new(false),
            shared: Cell::new(None),
        }
    }

    /// Whether a map is found again at the end of its trail, or can be kept where it is.
    pub(super) fn leads_to(&self, end: End) -> bool {
        self.is_fixed && (self.trails.is_known(end) || self.is_shareable)
    }

    /// One of its maps waits from here on, at the end of that trail.
    ///
    /// # Safety
    ///
    /// Nobody has written to the cell or to those around it since they were searched, and they live until this is dropped.
    pub(super) unsafe fn waits(&self, end: End) {
        let mut next = Some((self, end));
        let mut is_known = true;
        while let Some((way, end)) = next {
            is_known &= way.trails.is_known(end);
            if !is_known && !way.is_shared.replace(true) {
                // SAFETY: passed on.
                unsafe { way.share() };
            }
            let around = way.around.as_ref().filter(|_| !is_known || !way.is_known);
            next = around.map(|(way, end)| (&**way, *end));
        }
    }

    /// Lets the cell be written to. No user code may run from here to `share`.
    pub(super) fn unshare(&self) {
        if let Some(shared) = self.shared.take() {
            shared.open();
        }
    }

    /// Lets the cell be written to for good. What was not found again without that is not any more.
    pub(crate) fn retire(&self) {
        self.is_shared.set(false);
        self.unshare();
    }

    /// Keeps the cell from being written to, if that is needed to find the maps in it.
    ///
    /// # Safety
    ///
    /// The cell lives until this is dropped.
    pub(super) unsafe fn share(&self) {
        if let Some(shared) = self.shared.take() {
            self.shared.set(Some(shared));
        } else if self.is_shared.get() {
            // SAFETY: the caller's promise.
            let share =
                |share: unsafe fn(Erased) -> Option<Grave>| unsafe { share(self.access.cell) };
            let shared = self.access.share.and_then(share);
            self.is_shared.set(shared.is_some());
            self.shared.set(shared);
        }
    }

    /// The cell around it, and where the way from there ends.
    pub(super) fn around(&self) -> Option<&(Rc<Self>, End)> {
        self.around.as_ref()
    }

    /// The first cell on the way here that can be poisoned, which is to be passed by whoever wants to get in.
    pub(super) fn lock(self: &Rc<Self>) -> Option<Rc<Self>> {
        let own = || self.access.poison.map(|_| self.clone());
        self.lock.clone().or_else(own)
    }

    /// Runs the work while the cell is open, to look for so many maps or cells. Not if somebody else has it open.
    ///
    /// # Safety
    ///
    /// W2. The cell is where it was. The work uses what is in sight in no other way than the mode allows.
    pub(super) unsafe fn see(&self, mode: Mode, count: usize, work: &mut dyn FnMut(&Sight<'_>)) {
        // SAFETY: W2: the cell lives and is where it was; it is looked at under the guard.
        unsafe {
            (self.access.open)(self.access.cell, mode, &mut || {
                let sight = if self.is_shared.get() {
                    Sight::Untouched
                } else if count == 1 {
                    Sight::Open(&self.trails)
                } else {
                    Sight::Standing(self.trails.look())
                };
                work(&sight);
            });
        }
    }

    /// Runs the work on the cell, while it is within reach because those around it are open for reading.
    ///
    /// # Safety
    ///
    /// W2.
    unsafe fn reach(
        &self,
        engine: &mut Engine<'_>,
        work: &mut dyn FnMut(&mut Engine<'_>) -> bool,
    ) -> bool {
        let Some((around, end)) = &self.around else {
            return work(engine);
        };
        let mut through = |engine: &mut Engine<'_>| {
            let mut done = false;
            let mut look = || {
                // SAFETY: W2: it is looked at under the guard.
                let is_there = around.is_shared.get() || unsafe { around.trails.holds(*end) };
                // The way in is as deep as the way out.
                done = is_there && with_room(engine, |engine| &mut engine.stack, &mut *work);
            };
            // SAFETY: W2: the cell around lives and is where it was.
            let open = unsafe { (around.access.open)(around.access.cell, Mode::Read, &mut look) };
            open && done
        };
        with_room(
            engine,
            |engine| &mut engine.stack,
            // SAFETY: passed on.
            |engine| unsafe { around.reach(engine, &mut through) },
        )
    }

    /// Poisons the cell, or makes it sound again. Tells whether that is so now.
    ///
    /// # Safety
    ///
    /// W2.
    pub(super) unsafe fn poison(&self, poisoned: bool, engine: &mut Engine<'_>) -> bool {
        let mut set = |_: &mut Engine<'_>| {
            let poison = self.access.poison;
            // SAFETY: W2: the lock lives and is where it was.
            poison.is_some_and(|poison| unsafe { poison(self.access.cell, poisoned) == poisoned })
        };
        // SAFETY: passed on.
        unsafe { self.reach(engine, &mut set) }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.unshare();
        // One after the other, however many cells lie in each other.
        let mut around = self.around.take();
        while let Some(mut way) = around.and_then(|(way, _)| Rc::into_inner(way)) {
            way.unshare();
            around = way.around.take();
        }
    }
}

impl Sight<'_> {
    /// Whether the map at the end of a trail is still there.
    pub(super) fn has(&self, end: End) -> bool {
        match self {
            Self::Standing(standing) => standing.holds(end),
            // SAFETY: a sight is made and used under the guard.
            Self::Open(trails) => unsafe { trails.holds(end) },
            Self::Untouched => true,
        }
    }
}

/// What a cell is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Write,
    Read,
}
