//! In which order things are placed, and who can tell.
//!
//! A box or a pointee that was put off is placed after what comes behind it in the source. In a copy that only the engine makes that is the same. User
//! code can tell: code written by hand is made another way once a weak edge has come first, and what it gets has to be whole. So before any user code
//! runs, and where it fails, a call in which something was overtaken begins again and keeps the order. Nobody has noticed anything of it so far.
//!
//! Where the order is kept, a pointee is still put off where the stack is deep, but not overtaken: before another edge is followed or code written by hand
//! runs, it is filled, on fresh stack if need be. A list whose links come last in their nodes needs no more stack for that than any other.

use super::Engine;
use crate::error::ErrorKind;
use crate::raw::stack::with_room;
use crate::raw::traits::Placed;

/// What becomes of the order of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// Things may be overtaken.
    Free,
    /// Some were, and are not placed yet.
    Overtaken,
    /// Nothing is overtaken.
    Kept,
    /// The call ends, to begin again.
    Again,
}

impl Engine<'_> {
    /// Something is put off that could be placed here.
    pub(super) fn overtakes(&mut self) {
        if self.order == Order::Free {
            self.order = Order::Overtaken;
        }
    }

    /// A pointee is put off because the stack is deep.
    pub(crate) fn falls_behind(&mut self) {
        match self.order {
            // Without `std` there is no fresh stack to fill it on.
            Order::Kept => self.is_late = cfg!(feature = "std"),
            _ => self.overtakes(),
        }
    }

    /// Fills what was put off because the stack was deep, if the order is kept. Under a lock nothing is late.
    #[inline(always)]
    pub(crate) fn keep_up(&mut self) -> Placed {
        if self.is_late {
            self.fill_late()
        } else {
            Ok(())
        }
    }

    #[cold]
    #[inline(never)]
    fn fill_late(&mut self) -> Placed {
        debug_assert_eq!(
            self.locks, 0,
            "nothing is late where a lock is taken, nor under one"
        );
        self.is_late = false;
        let floor = self.floor;
        with_room(
            self,
            |engine| &mut engine.stack,
            |engine| {
                let before = engine.stack.go_deeper();
                let filled = engine.run_queue(floor);
                engine.stack = before;
                filled
            },
        )
    }

    /// All that was overtaken is placed.
    pub(crate) fn caught_up(&mut self) {
        if self.order == Order::Overtaken {
            self.order = Order::Kept;
        }
    }

    /// User code is about to run, for the first time in this call or not.
    ///
    /// # Errors
    ///
    /// If it could tell that something was overtaken, or the call has failed.
    #[inline]
    pub(crate) fn before_user(&mut self) -> Placed {
        self.unless_failed()?;
        match self.order {
            Order::Kept => Ok(()),
            Order::Free => {
                self.order = Order::Kept;
                Ok(())
            }
            Order::Overtaken | Order::Again => self.begin_again(),
        }
    }

    /// Code written by hand is about to run.
    ///
    /// # Errors
    ///
    /// As [`before_user`](Self::before_user), or what was put off fails.
    pub(crate) fn before_hand(&mut self) -> Placed {
        self.before_user()?;
        self.keep_up()
    }

    #[cold]
    #[inline(never)]
    fn begin_again(&mut self) -> Placed {
        #[cfg(feature = "rayon")]
        if self.is_member() {
            return Err(self.stop());
        }
        if !self.has_failed() {
            self.order = Order::Again;
        }
        Err(self.fail(ErrorKind::Incomplete, ""))
    }
}
