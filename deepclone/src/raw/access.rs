//! How to get into a cell or a lock of the copy again, and to a map in it.

use super::erased::Erased;
use super::sweep::Grave;
use super::trail::Trail;

/// How to open a cell or a lock of the copy.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    pub(crate) cell: Erased,
    /// Runs the work while the cell is open, for writing or for reading; or tells that somebody else has it open.
    pub(crate) open: unsafe fn(Erased, Mode, &mut dyn FnMut()) -> bool,
    /// Keeps it from being written to and leaves it open for reading, if there is a way.
    pub(crate) share: Option<unsafe fn(Erased) -> Option<Grave>>,
    /// No other thread can open it: what was shared stays as it is as long as no user code runs, also when it is opened for writing.
    pub(crate) is_of_one_thread: bool,
    /// Poisons a lock that can't be shared, or makes it sound again. Tells whether it is poisoned now.
    pub(crate) poison: Option<unsafe fn(Erased, bool) -> bool>,
}

/// How to get to a map that waits.
pub(crate) struct Way {
    pub(super) access: Access,
    /// From the cell to the map. Empty where nobody else can write to the cell, and where only fields lie between.
    pub(super) trail: Trail,
}

impl Way {
    /// Runs the work while the cell is open. Tells if it could not be opened, or if the map is not there any more.
    ///
    /// # Safety
    ///
    /// W2. The work uses the map in no other way than the mode allows.
    pub(super) unsafe fn open(&self, mode: Mode, work: &mut dyn FnMut()) -> bool {
        let mut there = false;
        // SAFETY: W2: the cell lives. The trail is that of the map, and looked at under the guard.
        let opened = unsafe {
            (self.access.open)(self.access.cell, mode, &mut || {
                there = self.trail.holds();
                if there {
                    work();
                }
            })
        };
        opened && there
    }
}

/// What a cell is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Write,
    Read,
}
