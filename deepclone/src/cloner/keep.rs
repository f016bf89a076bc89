//! Allocations that stay shared with the source.

use super::memo::Probe;
use super::{Engine, Exposure};
use crate::error::{ErrorKind, Told};
use crate::raw::entry::{Entry, State};
use crate::raw::erased::Erased;
use crate::raw::pointee::Pointee;
use crate::raw::traits::Failed;

impl Engine<'_> {
    /// Leaves an allocation shared with the source.
    ///
    /// # Errors
    ///
    /// `Incomplete` while a copy of it lives.
    pub(crate) fn keep(
        &mut self,
        key: *const (),
        source: Erased,
        pointee: &'static Pointee,
    ) -> Result<(), Failed> {
        self.expose(Exposure::User);
        let itself = source.data.cast_mut().cast();
        let kept = Entry::new(key, source.meta, pointee, itself, State::Kept);
        match self.memo.probe(key) {
            Probe::Found(id) => {
                let entry = self.memo.entry(id);
                match entry.state() {
                    State::Kept => return Ok(()),
                    State::Shown => {
                        if entry.revive_copy() {
                            self.user(|| entry.release_copy())?;
                            let type_name = (pointee.type_name)();
                            return Err(self.fail_told(
                                ErrorKind::Incomplete,
                                type_name,
                                Told::COPIED,
                            ));
                        }
                        self.bury_copy(id, &entry);
                    }
                    _ => {}
                }
                self.memo.replace(id, kept);
            }
            Probe::Vacant(vacancy) => {
                let id = self.memo.insert(&vacancy, kept);
                self.pin_new(id);
            }
        }
        Ok(())
    }

    /// Leaves an allocation shared that no edge has met yet.
    #[cold]
    pub(crate) fn share(&mut self, key: *const (), source: Erased, pointee: &'static Pointee) {
        if let Probe::Vacant(_) = self.memo.probe(key) {
            // It is not known, so it can't have been copied.
            self.keep(key, source, pointee).ok();
        }
    }
}
