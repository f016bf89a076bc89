//! What an operation may use, and what it has used.

use super::Engine;
use crate::error::ErrorKind;
use crate::raw::stack::with_room;
use crate::raw::traits::Placed;

impl Engine<'_> {
    /// Charges a shared allocation.
    #[inline]
    pub(crate) fn charge_object(&mut self, size: usize, type_name: fn() -> &'static str) -> Placed {
        if self.accounts {
            if self.stats.objects >= self.options.max_objects {
                return Err(self.fail(ErrorKind::LimitExceeded, type_name()));
            }
            self.stats.objects += 1;
            return self.charge(size as u64, type_name);
        }
        Ok(())
    }

    /// Charges a buffer.
    #[inline(always)]
    pub(crate) fn charge_bytes<T: ?Sized>(&mut self, size: usize) -> Placed {
        if self.accounts {
            return self.charge(size as u64, core::any::type_name::<T>);
        }
        Ok(())
    }

    #[inline(never)]
    fn charge(&mut self, size: u64, type_name: fn() -> &'static str) -> Placed {
        self.stats.bytes = self.stats.bytes.saturating_add(size);
        if self.stats.bytes > self.options.max_bytes {
            return Err(self.fail(ErrorKind::LimitExceeded, type_name()));
        }
        Ok(())
    }

    /// Gives back what a weak edge was charged whose target did not come.
    pub(crate) fn refund_object(&mut self, size: usize) {
        if self.accounts {
            self.stats.objects = self.stats.objects.saturating_sub(1);
            self.stats.bytes = self.stats.bytes.saturating_sub(size as u64);
        }
    }

    /// Goes one boundary deeper. [`Engine::leave`] comes back, also after a failure.
    #[inline(always)]
    pub(crate) fn enter<T: ?Sized>(&mut self) -> Placed {
        if self.accounts {
            return self.deeper(core::any::type_name::<T>);
        }
        Ok(())
    }

    pub(crate) fn deeper(&mut self, type_name: fn() -> &'static str) -> Placed {
        self.depth += 1;
        if self.depth > self.options.max_depth {
            self.depth -= 1;
            return Err(self.fail(ErrorKind::LimitExceeded, type_name()));
        }
        Ok(())
    }

    /// Charges a buffer behind one boundary, with nothing but bytes in it.
    #[inline(always)]
    pub(crate) fn charge_flat<T: ?Sized>(&mut self, size: usize) -> Placed {
        if self.accounts {
            return self.charge_behind(size as u64, core::any::type_name::<T>);
        }
        Ok(())
    }

    #[inline(never)]
    fn charge_behind(&mut self, size: u64, type_name: fn() -> &'static str) -> Placed {
        self.charge(size, type_name)?;
        self.deeper(type_name)?;
        self.leave();
        Ok(())
    }

    /// Counts a boundary behind which there is nothing but bytes.
    #[inline(always)]
    pub(crate) fn touch<T: ?Sized>(&mut self) -> Placed {
        self.enter::<T>()?;
        self.leave();
        Ok(())
    }

    /// Comes back from one boundary.
    #[inline(always)]
    pub(crate) fn leave(&mut self) {
        if self.accounts {
            self.depth -= 1;
        }
    }

    pub(super) fn note_depth(&mut self) {
        if self.accounts {
            let depth = self.depth;
            self.depths.push(depth);
        }
    }

    /// The depth at which the last queued pointee was met.
    pub(super) fn recall_depth(&mut self, position: usize) -> u64 {
        self.depths.get(position).copied().unwrap_or(self.depth)
    }

    pub(super) fn forget_depths(&mut self, from: usize) {
        self.depths.truncate(from);
    }

    pub(super) fn swap_depth(&mut self, depth: u64) -> u64 {
        core::mem::replace(&mut self.depth, depth)
    }

    /// Whether a box or a vector met here needs [`carefully`](Self::carefully). One comparison answers most of it.
    #[inline(always)]
    pub(crate) fn needs_care(&self) -> bool {
        self.stack.needs_care()
    }

    /// Places a box or a vector where something is counted, or where little stack is left.
    #[cold]
    #[inline(never)]
    pub(crate) fn carefully(
        &mut self,
        size: usize,
        type_name: fn() -> &'static str,
        place: &mut dyn FnMut(&mut Self) -> Placed,
    ) -> Placed {
        if self.accounts {
            self.charge(size as u64, type_name)?;
            self.deeper(type_name)?;
        }
        let placed = with_room(self, |engine| &mut engine.stack, place);
        self.leave();
        placed
    }

    /// Goes into a container or a box: one boundary deeper, on fresh stack where little is left.
    #[inline(always)]
    pub(crate) fn descend<T: ?Sized>(&mut self, work: impl FnMut(&mut Self) -> Placed) -> Placed {
        self.enter::<T>()?;
        let placed = with_room(self, |engine| &mut engine.stack, work);
        self.leave();
        placed
    }
}
