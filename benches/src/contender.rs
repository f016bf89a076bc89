//! One way to copy the value of a workload, with its types erased.

use std::hint::black_box;
use std::rc::Rc;

use crate::description::Description;

/// What a contender stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// `deepclone`, this library.
    Derived,
    /// `Clone`, where it means the same.
    Clone,
    /// A copy written by hand for the type.
    ByHand,
    /// The crate called `deepclone` on crates.io.
    Peer,
    /// `deepclone_serde::copy` with one of its codecs.
    Serde,
    /// The copy's allocations, made and filled by `memcpy`, with nothing known of what is in them.
    Floor,
}

/// One way to copy the value of a workload.
pub struct Contender {
    /// What it stands for.
    pub role: Role,
    /// What the tables call it.
    pub name: &'static str,
    /// The copy, or why there is none.
    pub copy: Result<Box<dyn Copying>, String>,
}

/// Makes copies between two calls of somebody's, and disposes of them afterwards.
pub trait Copying {
    /// Calls `start`, makes `copies` copies, calls `stop`, drops them.
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut());

    /// Describes the source. `None` if nobody has said how to.
    fn describe_source(&self) -> Option<Description> {
        None
    }

    /// Makes a copy and describes it.
    fn describe_copy(&self) -> Option<Description> {
        None
    }
}

struct Typed<T, F, D> {
    source: Rc<T>,
    copy: F,
    retire: D,
    describe: Option<fn(&T) -> Description>,
    copies: Vec<T>,
}

impl<T, F: Fn(&T) -> T, D: Fn(T)> Copying for Typed<T, F, D> {
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut()) {
        self.copies.reserve(copies);
        start();
        make_copies(&*self.source, copies, &self.copy, &mut self.copies);
        stop();
        for copy in self.copies.drain(..) {
            (self.retire)(black_box(copy));
        }
    }

    fn describe_source(&self) -> Option<Description> {
        self.describe.map(|describe| describe(&self.source))
    }

    fn describe_copy(&self) -> Option<Description> {
        let describe = self.describe?;
        let copy = (self.copy)(&self.source);
        let description = describe(&copy);
        (self.retire)(copy);
        Some(description)
    }
}

/// A function of its own, by whose name `instructions.sh` knows what to count.
#[inline(never)]
fn make_copies<T, C>(source: &T, copies: usize, copy: &impl Fn(&T) -> C, into: &mut Vec<C>) {
    for _ in 0..copies {
        into.push(copy(black_box(source)));
    }
}

/// Erases the types of a copy.
pub(crate) fn copying<T: 'static>(
    source: &Rc<T>,
    copy: impl Fn(&T) -> T + 'static,
    retire: impl Fn(T) + 'static,
    describe: Option<fn(&T) -> Description>,
) -> Box<dyn Copying> {
    Box::new(Typed {
        source: source.clone(),
        copy,
        retire,
        describe,
        copies: Vec::new(),
    })
}
