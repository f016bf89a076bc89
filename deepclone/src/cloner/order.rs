//! In which order things are placed, and who can tell.
//!
//! A box or a pointee that was put off is placed after what comes behind it in the source. In a copy that only the engine makes that is the same. User
//! code can tell: code written by hand is made another way once a weak edge has come first, and what it gets has to be whole. So before any user code
//! runs, a call in which something was overtaken begins again and keeps the order. Nobody has noticed anything of it so far.

use super::Engine;
use crate::error::ErrorKind;
use crate::raw::traits::Placed;

/// What becomes of the order of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// Things may be overtaken.
    Free,
    /// Some were, and are not placed yet.
    Overtaken,
    /// Nothing is overtaken but shared pointees where the stack is deep.
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
    /// If it could tell that something was overtaken.
    #[inline]
    pub(crate) fn before_user(&mut self) -> Placed {
        match self.order {
            Order::Kept => Ok(()),
            Order::Free => {
                self.order = Order::Kept;
                Ok(())
            }
            Order::Overtaken | Order::Again => self.begin_again(),
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_again(&mut self) -> Placed {
        if !self.has_failed() {
            self.order = Order::Again;
        }
        Err(self.fail(ErrorKind::Incomplete, ""))
    }
}
