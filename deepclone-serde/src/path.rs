//! Where a failure stands. Segments are noted innermost first while the failure goes up, so a copy that succeeds pays
//! nothing; of a very deep place only both ends are kept.

use crate::error::shorten;
use std::collections::VecDeque;

/// How many segments are kept at either end.
const KEPT: usize = 12;
/// Upper bound on the text of one segment.
const SEGMENT_LIMIT: usize = 64;

/// One step from a value to a part of it.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    /// A field or a variant.
    Name(&'static str),
    /// An element.
    Index(usize),
    /// A map value, by the text of its key.
    Key(String),
}

/// The steps from the root to the failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    inner: Vec<Segment>,
    outer: VecDeque<Segment>,
    cut: bool,
}

impl Trail {
    /// Adds the step that leads to everything noted so far.
    #[cold]
    pub(crate) fn note(&mut self, segment: Segment) {
        if self.inner.len() < KEPT {
            self.inner.push(segment);
            return;
        }
        if self.outer.len() == KEPT {
            self.outer.pop_front();
            self.cut = true;
        }
        self.outer.push_back(segment);
    }

    /// Takes back the last step, which is of our own making.
    #[cold]
    pub(crate) fn forget_last(&mut self) {
        if self.outer.pop_back().is_none() {
            self.inner.pop();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.inner.clear();
        self.outer.clear();
        self.cut = false;
    }

    /// Puts the steps of `below`, which start where this trail ends, under this trail.
    pub(crate) fn graft(&mut self, below: &Self) {
        let own: Vec<Segment> = self.inner.drain(..).chain(self.outer.drain(..)).collect();
        *self = below.clone();
        for segment in own {
            self.note(segment);
        }
    }

    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        for segment in self.outer.iter().rev() {
            append(&mut text, segment);
        }
        if self.cut {
            text.push_str(".…");
        }
        for segment in self.inner.iter().rev() {
            append(&mut text, segment);
        }
        text
    }
}

fn append(text: &mut String, segment: &Segment) {
    let mut name = match segment {
        Segment::Index(index) => {
            text.push_str(&format!("[{index}]"));
            return;
        }
        Segment::Name(name) => (*name).to_owned(),
        Segment::Key(key) => key.clone(),
    };
    shorten(&mut name, SEGMENT_LIMIT);
    if !text.is_empty() {
        text.push('.');
    }
    text.push_str(&name);
}
