//! How to get into a cell or a lock of the copy again, and to the maps that wait in it.

use core::cell::Cell;

use super::erased::Erased;
use super::sweep::{Grave, Sweep};
use super::trail::{End, Standing, Trails};
use super::traits::Sweeper;

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
    pub(crate) poison: Option<Poison>,
}

impl Access {
    /// Sweeps the cell.
    pub(crate) fn sweep(&self, sweep: &mut Sweep<'_, '_>) {
        // SAFETY: the cell is placed, and the sweeper its own. Nobody else has it.
        unsafe { (self.sweeper)(self.cell.data.cast_mut().cast(), self.cell.meta, sweep) }
    }
}

/// How to tell those who take a lock that they don't see what lies in it.
#[derive(Clone, Copy)]
pub(crate) struct Poison {
    /// Poisons the lock, or makes it sound again. Tells whether it is poisoned now.
    pub(crate) set: unsafe fn(Erased, bool) -> bool,
    /// Those who read it can be let in together with us.
    pub(crate) has_readers: bool,
}

/// How to get to the maps that wait in one cell.
pub(crate) struct Way {
    pub(super) access: Access,
    /// From the cell to each map.
    trails: Trails,
    /// Not all of them can be taken again: so the cell is kept from being written to, and has been all the time.
    is_shared: Cell<bool>,
    /// Keeps it.
    shared: Cell<Option<Grave>>,
}

/// What is seen in an open cell.
pub(super) enum Sight {
    Standing(Standing),
    /// Nothing was written to it.
    Untouched,
}

impl Way {
    pub(crate) fn new(access: Access, trails: Trails) -> Self {
        Self {
            access,
            trails,
            is_shared: Cell::new(false),
            shared: Cell::new(None),
        }
    }

    /// Whether a map is found again at the end of its trail, or can be kept where it is.
    pub(crate) fn leads_to(&self, end: End) -> bool {
        self.trails.is_known(end) || self.access.share.is_some()
    }

    /// One of its maps waits from here on, at the end of that trail.
    ///
    /// # Safety
    ///
    /// Nobody has written to the cell since it was searched, and it lives until this is dropped.
    pub(super) unsafe fn waits(&self, end: End) {
        if !self.trails.is_known(end) && !self.is_shared.replace(true) {
            // SAFETY: passed on.
            unsafe { self.share() };
        }
    }

    /// Lets the cell be written to. No user code may run from here to `share`.
    pub(super) fn unshare(&self) {
        if let Some(shared) = self.shared.take() {
            shared.open();
        }
    }

    /// Keeps the cell from being written to, if that is needed to find the maps in it.
    ///
    /// # Safety
    ///
    /// The cell lives until this is dropped.
    pub(super) unsafe fn share(&self) {
        if self.is_shared.get() {
            // SAFETY: the caller's promise.
            let shared = self
                .access
                .share
                .and_then(|share| unsafe { share(self.access.cell) });
            self.is_shared.set(shared.is_some());
            self.shared.set(shared);
        }
    }

    /// Runs the work while the cell is open. Tells if it could not be opened.
    ///
    /// # Safety
    ///
    /// W2. The work uses the maps that are in sight in no other way than the mode allows.
    pub(super) unsafe fn open(&self, mode: Mode, work: &mut dyn FnMut(&Sight)) -> bool {
        // SAFETY: W2: the cell lives; it is looked at under the guard.
        unsafe {
            (self.access.open)(self.access.cell, mode, &mut || {
                work(&if self.is_shared.get() {
                    Sight::Untouched
                } else {
                    Sight::Standing(self.trails.look())
                });
            })
        }
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.unshare();
    }
}

impl Sight {
    /// Whether the map at the end of a trail is still there.
    pub(super) fn has(&self, end: End) -> bool {
        match self {
            Self::Standing(standing) => standing.holds(end),
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
