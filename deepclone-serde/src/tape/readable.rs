//! A second recording of the same value, in readable form, for buffers that always take themselves for a text format.
//!
//! Both recordings differ only inside values that asked which form they are written in. The askers that are inside no other
//! asker therefore stand in the same order in both, and that is how twins are found.

use crate::fault::Fault;
use crate::tape::cursor::Cursor;
use crate::tape::writer::Recording;

/// The readable recording, and which of its values belong to which of the compact one.
#[derive(Debug, Default)]
pub(crate) struct Readable {
    recording: Recording,
    /// Compact token offset and readable place, by rising offset.
    twins: Vec<(usize, Cursor)>,
}

/// For each asker, how many askers from it on lie in the same outermost one, itself included.
fn families(recording: &Recording) -> Result<Vec<usize>, Fault> {
    let asks = recording.asks.borrow();
    let mut sizes = Vec::new();
    let mut first = 0;
    while first < asks.len() {
        let mut place = recording.place(asks[first]);
        recording.skip(&mut place)?;
        let end = recording.cursor(&place).token;
        let size = asks[first..].partition_point(|ask| ask.token < end);
        sizes.push(size);
        first += size;
    }
    Ok(sizes)
}

impl Readable {
    /// Where to record the readable form.
    pub(crate) fn recording_mut(&mut self) -> &mut Recording {
        &mut self.recording
    }

    pub(crate) fn recording(&self) -> &Recording {
        &self.recording
    }

    pub(crate) fn clear(&mut self) {
        self.recording.clear();
        self.twins.clear();
    }

    pub(crate) fn shrink_to(&mut self, twins: usize) {
        self.twins.shrink_to(twins);
    }

    /// Finds the twins once both recordings are made.
    pub(crate) fn pair_with(&mut self, compact: &Recording) -> Result<(), Fault> {
        self.twins.clear();
        let mine = self.recording.asks.borrow();
        let theirs = compact.asks.borrow();
        let (mut i, mut j) = (0, 0);
        for (here, there) in families(compact)?
            .into_iter()
            .zip(families(&self.recording)?)
        {
            let paired = if here == there { here } else { 1 };
            for k in 0..paired {
                self.twins.push((theirs[i + k].token, mine[j + k]));
            }
            i += here;
            j += there;
        }
        Ok(())
    }

    /// The readable form of the value at this offset of the compact recording.
    pub(crate) fn twin_of(&self, token: usize) -> Option<Cursor> {
        let at = self
            .twins
            .binary_search_by_key(&token, |twin| twin.0)
            .ok()?;
        Some(self.twins[at].1)
    }
}
