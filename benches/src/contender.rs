//! One way to copy the value of a workload, with its types erased.

use std::hint::black_box;
use std::rc::Rc;

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
}

/// One way to copy the value of a workload.
pub struct Contender {
    /// What it stands for.
    pub role: Role,
    /// What the tables call it.
    pub name: &'static str,
    /// The copy, or why there is none.
    pub copy: Result<Box<dyn Copying>, &'static str>,
}

/// Makes copies between two calls of somebody's, and disposes of them afterwards.
pub trait Copying {
    /// Calls `start`, makes `copies` copies, calls `stop`, drops them.
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut());
}

struct Typed<T, C, F, D> {
    source: Rc<T>,
    copy: F,
    retire: D,
    copies: Vec<C>,
}

impl<T, C, F: Fn(&T) -> C, D: Fn(C)> Copying for Typed<T, C, F, D> {
    fn run(&mut self, copies: usize, start: &mut dyn FnMut(), stop: &mut dyn FnMut()) {
        self.copies.reserve(copies);
        let source: &T = &self.source;
        start();
        for _ in 0..copies {
            self.copies.push((self.copy)(black_box(source)));
        }
        stop();
        for copy in self.copies.drain(..) {
            (self.retire)(black_box(copy));
        }
    }
}

/// Erases the types of a copy.
pub(crate) fn copying<T: 'static, C: 'static>(
    source: &Rc<T>,
    copy: impl Fn(&T) -> C + 'static,
    retire: impl Fn(C) + 'static,
) -> Box<dyn Copying> {
    Box::new(Typed {
        source: source.clone(),
        copy,
        retire,
        copies: Vec::new(),
    })
}
