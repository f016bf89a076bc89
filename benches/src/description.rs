//! What a value looks like to a walk that knows nothing of the engine, so that copies can be told from mistakes.

use std::fmt::{Display, Write};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;

/// What a walk through a value has seen.
#[derive(Default, Debug)]
pub struct Description {
    /// What is in it.
    pub contents: String,
    /// Where its shared pointers lead: to which allocation, by the order in which the walk came to them. `None` if they dangle.
    pub edges: Vec<Option<usize>>,
    /// The strong and the weak pointers to what the edge of the same place leads to, as their target counts them.
    pub counts: Vec<(usize, usize)>,
    /// The allocations, by address.
    numbers: FxHashMap<*const (), usize>,
}

impl Description {
    /// Of a value that shares nothing, so that all there is to it is its contents; in a fixed order.
    pub(crate) fn of_plain<T: Serialize>(value: &T) -> Self {
        let contents = serde_json::to_string(value).unwrap_or_else(|error| error.to_string());
        Self {
            contents,
            ..Self::default()
        }
    }

    /// Some of the contents.
    pub(crate) fn note(&mut self, what: impl Display) {
        let _ = write!(self.contents, "{what} ");
    }

    fn edge<T: ?Sized>(&mut self, to: *const T, counts: (usize, usize)) {
        let next = self.numbers.len();
        let number = *self.numbers.entry(to.cast()).or_insert(next);
        self.edges.push(Some(number));
        self.counts.push(counts);
    }

    /// An edge.
    pub(crate) fn rc<T: ?Sized>(&mut self, to: &Rc<T>) {
        self.edge(Rc::as_ptr(to), (Rc::strong_count(to), Rc::weak_count(to)));
    }

    /// An edge.
    pub(crate) fn arc<T: ?Sized>(&mut self, to: &Arc<T>) {
        self.edge(
            Arc::as_ptr(to),
            (Arc::strong_count(to), Arc::weak_count(to)),
        );
    }

    /// An edge that may dangle.
    pub(crate) fn weak<T: ?Sized>(&mut self, to: &Weak<T>) {
        // An upgraded one would count.
        if to.strong_count() > 0 {
            let counts = (to.strong_count(), to.weak_count());
            match to.upgrade() {
                Some(to) => self.edge(Rc::as_ptr(&to), counts),
                None => unreachable!("it has strong pointers"),
            }
        } else {
            self.edges.push(None);
            self.counts.push((0, 0));
        }
    }

    /// Whether an allocation is in both.
    pub fn shares_with(&self, other: &Self) -> bool {
        self.numbers
            .keys()
            .any(|address| other.numbers.contains_key(address))
    }
}
