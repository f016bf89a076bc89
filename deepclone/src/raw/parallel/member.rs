//! What one member of a parallel copy does: elements, then the copies that it has claimed, as long as that is worth while.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rayon::Scope;

use super::together::Row;
use crate::cloner::{Engine, Exposure, Failure, Undone};
use crate::raw::entry::Entry;
use crate::raw::gang::{Claim, Gang};
use crate::raw::kept::Made;

/// So many elements are copied first, to see whether more threads are worth while.
pub(super) const SAMPLE: usize = 64;
/// Who has so many claims gives half of them away.
const MANY: usize = 16;
/// A look into the table costs so much more with several threads that an edge has to come with so many nanoseconds of other work.
const WORTH: u128 = 1000;

/// What the members leave behind.
#[derive(Default)]
pub(super) struct Harvest {
    /// By their serial numbers.
    pub(super) filled: Vec<usize>,
    pub(super) made: Vec<Made>,
    /// Sources of copies whose filling was left.
    pub(super) left: Vec<Entry>,
    /// One of them was left because it is long.
    pub(super) long: bool,
    pub(super) failed_elements: Vec<(usize, Box<Failure>)>,
    pub(super) failed_copies: Vec<(usize, Box<Failure>)>,
    /// How many edges were followed.
    pub(super) edges: u64,
}

impl Harvest {
    /// Whether all that was done was done well, and nothing left half done.
    pub(super) fn is_quiet(&self) -> bool {
        self.made.is_empty()
            && self.left.is_empty()
            && self.failed_elements.is_empty()
            && self.failed_copies.is_empty()
    }
}

// SAFETY: of its entries only the sources are used, which may be held on any thread.
unsafe impl Send for Harvest {}

/// What the members work at.
#[derive(Clone, Copy)]
pub(super) struct Work<'w> {
    pub(super) row: &'w dyn Row,
    pub(super) gang: &'w Gang,
    pub(super) flags: &'w [AtomicBool],
    pub(super) harvest: &'w Mutex<Harvest>,
}

/// What the first elements have shown.
pub(super) struct Sample {
    pub(super) is_worth_while: bool,
    pub(super) exposure: Exposure,
    /// Claims that were not used, with the elements that lead there.
    pub(super) claims: Vec<(usize, Vec<Claim>)>,
}

impl<'w> Work<'w> {
    /// Copies the first elements, and what they lead to.
    pub(super) fn sample(self) -> Sample {
        let mut hand = Hand::new(self, Exposure::Later);
        let mut claims = Vec::new();
        for element in 0..self.flags.len() {
            if !hand.element(element) {
                break;
            }
            let met = core::mem::take(hand.engine.claims());
            if met.iter().any(|claim| !hand.fill(element, claim)) {
                break;
            }
            let more = core::mem::take(hand.engine.claims());
            if !more.is_empty() {
                claims.push((element, more));
            }
        }
        Sample {
            is_worth_while: hand.is_worth_while() && !self.gang.leaves(usize::MAX),
            exposure: match hand.engine.exposure {
                Exposure::Later => Exposure::Nobody,
                exposure => exposure,
            },
            claims,
        }
    }

    /// Copies some elements, and what they lead to.
    pub(super) fn elements<'s>(self, elements: Range<usize>, scope: &Scope<'s>)
    where
        'w: 's,
    {
        let mut hand = Hand::new(self, Exposure::Threads);
        for element in elements {
            if self.gang.leaves(element) || !hand.element(element) || !hand.follow(element, scope) {
                break;
            }
        }
    }

    /// Uses claims that somebody has given away.
    pub(super) fn claims<'s>(self, element: usize, claims: Vec<Claim>, scope: &Scope<'s>)
    where
        'w: 's,
    {
        let mut hand = Hand::new(self, Exposure::Threads);
        *hand.engine.claims() = claims;
        hand.follow(element, scope);
    }
}

/// One member at work.
struct Hand<'w> {
    work: Work<'w>,
    engine: Engine<'w>,
    harvest: Harvest,
    judged: Instant,
    judged_edges: u64,
}

impl<'w> Hand<'w> {
    fn new(work: Work<'w>, exposure: Exposure) -> Self {
        Self {
            work,
            engine: Engine::member(work.gang, exposure),
            harvest: Harvest::default(),
            judged: Instant::now(),
            judged_edges: 0,
        }
    }

    /// Whether there was enough to do beside following edges, since this was asked last.
    fn is_worth_while(&mut self) -> bool {
        let edges = self.engine.edges - self.judged_edges;
        if edges < SAMPLE as u64 / 2 {
            return true;
        }
        let now = Instant::now();
        let took = now.duration_since(self.judged).as_nanos();
        self.judged = now;
        self.judged_edges = self.engine.edges;
        took >= u128::from(edges) * WORTH
    }

    /// Copies an element. Returns whether to go on.
    fn element(&mut self, element: usize) -> bool {
        self.engine.begin_element(element);
        let row = self.work.row;
        // SAFETY: R1: each element lies in one piece. It is disposed of if it was placed, and then not used.
        let done = self.engine.perform(
            |engine| unsafe { row.place(element, engine) },
            |engine| engine.dispose(|sweep| unsafe { row.dispose(element, sweep) }),
        );
        match done {
            Ok(()) => {
                self.work.flags[element].store(true, Ordering::Relaxed);
                if element % SAMPLE == 0 && !self.is_worth_while() {
                    self.work.gang.halt();
                }
                true
            }
            Err(undone) => {
                self.engine.claims().clear();
                if let Some(failure) = self.undone(element, undone) {
                    self.harvest.failed_elements.push((element, failure));
                }
                false
            }
        }
    }

    /// Fills the copies that were claimed and what they lead to. Returns whether to go on.
    fn follow<'s>(&mut self, element: usize, scope: &Scope<'s>) -> bool
    where
        'w: 's,
    {
        let mut count = 0_usize;
        loop {
            if self.engine.claims().len() >= MANY {
                let keep = self.engine.claims().len() / 2;
                let given = self.engine.claims().split_off(keep);
                let work = self.work;
                scope.spawn(move |scope| work.claims(element, given, scope));
            }
            let Some(claim) = self.engine.claims().pop() else {
                return true;
            };
            if self.work.gang.leaves(element) || !self.fill(element, &claim) {
                self.engine.claims().clear();
                return false;
            }
            count += 1;
            if count % MANY == 0 && !self.is_worth_while() {
                self.work.gang.halt();
            }
        }
    }

    /// Fills a copy. Returns whether to go on.
    fn fill(&mut self, element: usize, claim: &Claim) -> bool {
        self.engine.begin_element(element);
        let claims = self.engine.claims().len();
        match self.engine.fill_claimed(&claim.entry) {
            Ok(()) => {
                self.harvest.filled.push(claim.serial);
                true
            }
            Err(Undone::Left(made, None)) if self.engine.take_long() => {
                // Others can go on meanwhile. Nothing leads to what was met on the way.
                self.engine.claims().truncate(claims);
                self.keep(made);
                self.harvest.left.push(claim.entry);
                self.harvest.long = true;
                true
            }
            Err(undone) => {
                let is_left = matches!(undone, Undone::Left(..));
                if let Some(failure) = self.undone(element, undone) {
                    self.harvest.failed_copies.push((claim.serial, failure));
                }
                if is_left {
                    self.harvest.left.push(claim.entry);
                }
                false
            }
        }
    }

    fn undone(&mut self, element: usize, undone: Undone) -> Option<Box<Failure>> {
        let failure = match undone {
            Undone::Left(made, failure) => {
                self.keep(made);
                failure
            }
            Undone::Failed(failure) => Some(failure),
        };
        match failure {
            Some(_) => self.work.gang.fail(element),
            None => self.work.gang.halt(),
        }
        failure
    }

    fn keep(&mut self, made: Made) {
        if !made.is_empty() {
            self.harvest.made.push(made);
        }
    }
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        let all = self.work.harvest.lock();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        all.filled.append(&mut self.harvest.filled);
        all.made.append(&mut self.harvest.made);
        all.left.append(&mut self.harvest.left);
        all.long |= self.harvest.long;
        all.failed_elements
            .append(&mut self.harvest.failed_elements);
        all.failed_copies.append(&mut self.harvest.failed_copies);
        all.edges += self.engine.edges;
    }
}
