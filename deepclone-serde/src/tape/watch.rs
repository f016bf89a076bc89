//! What must not be written. Once a value has turned out very deep, or deep and large, whatever is being written is
//! remembered, so that what stands inside itself ends the copy long before `max_depth` does, however much each round records.
//! And where weak edges would dangle, what they lead to must not turn up as a plain value.

use std::any::type_name;
use std::collections::HashMap;
use std::ops::Range;

/// From this level on every value is watched, and from half of `max_depth`.
const DEEP: usize = 250_000;
/// From this level on values are watched as soon as the recording is [`LARGE`].
const NESTED: usize = 32;
const LARGE: usize = 64 * 1024 * 1024;
/// How often a value may stand inside itself. Some `Serialize` keep state of their own and write themselves as their content.
const TOLERATED: u32 = 2;

/// A value that is being written.
pub(super) type Watched = (usize, &'static str);

/// Why a value is not written.
pub(super) enum Refusal {
    /// It is inside itself.
    Cycle,
    /// Weak edges lead to it, and here it would be a value like any other.
    InPlace,
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The values that are being written, with how often each is.
    open: HashMap<Watched, u32>,
    from_level: usize,
    /// Addresses that no plain value may have, by rising start.
    forbidden: Vec<Range<usize>>,
}

impl Watch {
    pub(super) fn start(&mut self, max_depth: usize) {
        self.from_level = DEEP.min(max_depth / 2);
    }

    /// Forgets everything and keeps no memory.
    pub(super) fn clear(&mut self) {
        if self.open.capacity() > 0 {
            self.open = HashMap::default();
        }
        self.forbidden = Vec::new();
    }

    /// Refuses values at these addresses.
    pub(super) fn forbid(&mut self, mut addresses: Vec<Range<usize>>) {
        addresses.sort_unstable_by_key(|range| range.start);
        self.forbidden = addresses;
    }

    fn is_forbidden(&self, address: usize) -> bool {
        let behind = self
            .forbidden
            .partition_point(|range| range.start <= address);
        behind > 0 && self.forbidden[behind - 1].contains(&address)
    }

    /// Whether a value at this level, of a recording of this size, is to be watched.
    pub(super) fn is_due(&self, depth: usize, size: usize) -> bool {
        depth >= self.from_level || (depth >= NESTED && size > LARGE) || !self.forbidden.is_empty()
    }

    /// Notes that `value` is being written. A value without size has no address of its own and is not watched.
    pub(super) fn enter<T: ?Sized>(&mut self, value: &T) -> Result<Watched, Refusal> {
        let watched = (
            std::ptr::from_ref(value).cast::<()>().addr(),
            type_name::<T>(),
        );
        if size_of_val(value) > 0 {
            if self.is_forbidden(watched.0) {
                return Err(Refusal::InPlace);
            }
            let times = self.open.entry(watched).or_default();
            if *times == TOLERATED {
                return Err(Refusal::Cycle);
            }
            *times += 1;
        }
        Ok(watched)
    }

    /// Notes that a value is written.
    pub(super) fn leave(&mut self, watched: Watched) {
        if let Some(times) = self.open.get_mut(&watched) {
            *times -= 1;
            if *times == 0 {
                self.open.remove(&watched);
            }
        }
    }
}
