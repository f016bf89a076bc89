//! The allocations that are being filled, innermost first: a list through the frames that fill them.

use super::waiting::Owner;
use crate::cloner::Engine;

impl Engine<'_> {
    /// The copy of a weak edge's target, if that is the allocation we are in or the one around it, as it is for a child with a link to its parent.
    #[inline(always)]
    pub(crate) fn enclosing_target(&mut self, target: *const ()) -> Option<*mut u8> {
        let mut owner = self.place.owner;
        for _ in 0..2 {
            // SAFETY: a frame below us on the stack owns it, and resets the list before it leaves.
            let Owner {
                key,
                copy,
                around,
                id,
                weak_found,
                ..
            } = unsafe { owner.as_ref() }?;
            if core::ptr::addr_eq(*key, target) && id.get() != super::waiting::NO_ENTRY {
                self.edges += 1;
                weak_found.set(weak_found.get() + 1);
                return Some(copy.data.cast_mut().cast());
            }
            owner = *around;
        }
        None
    }

    /// Lets all entries be found by their source.
    #[inline]
    pub(crate) fn key_owners(&mut self) {
        if self.unkeyed > 0 {
            self.key_all_owners();
        }
    }

    #[cold]
    #[inline(never)]
    fn key_all_owners(&mut self) {
        let mut owner = self.place.owner;
        while self.unkeyed > 0 {
            // SAFETY: as above.
            let Some(here) = (unsafe { owner.as_ref() }) else {
                debug_assert!(false, "an unkeyed entry is on the list of owners");
                break;
            };
            if here.unkeyed.replace(false) {
                self.memo.key(here.id.get());
                self.unkeyed -= 1;
            }
            owner = here.around;
        }
    }
}
