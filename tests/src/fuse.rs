//! Values that count their live instances, and that fail or panic at the k-th copy.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

use deepclone::{Cloner, DeepClone, Error};

/// What an armed fuse does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// It returns a [`Blast`] as an error.
    Error,
    /// It panics with a [`Blast`], past the panic hook.
    Panic,
}

/// The error, or the payload of the panic, of an armed fuse.
#[derive(Debug, PartialEq, Eq)]
pub struct Blast {
    /// The step at which it was armed, from 0.
    pub step: usize,
}

impl std::fmt::Display for Blast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "blast at step {}", self.step)
    }
}

impl std::error::Error for Blast {}

impl From<Blast> for Error {
    fn from(blast: Blast) -> Self {
        Self::custom(blast)
    }
}

/// What all fuses of one detonator share.
#[derive(Debug)]
struct Charge {
    live: AtomicIsize,
    drops: AtomicUsize,
    steps: AtomicUsize,
    armed: AtomicUsize,
    panics: AtomicUsize,
}

const DISARMED: usize = usize::MAX;

/// Hands out fuses, counts them, and says which copy fails.
#[derive(Clone, Debug)]
pub struct Detonator(Arc<Charge>);

impl Default for Detonator {
    fn default() -> Self {
        Self::new()
    }
}

impl Detonator {
    /// No fuses yet, and none will fail.
    pub fn new() -> Self {
        Self(Arc::new(Charge {
            live: AtomicIsize::new(0),
            drops: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            armed: AtomicUsize::new(DISARMED),
            panics: AtomicUsize::new(0),
        }))
    }

    /// A new fuse. It is alive until it is dropped.
    pub fn fuse(&self) -> Fuse {
        self.0.live.fetch_add(1, Relaxed);
        Fuse(Arc::clone(&self.0))
    }

    /// From now on counted, the `step`-th copy of a fuse (from 0) fails.
    pub fn arm(&self, step: usize, mode: Mode) {
        self.0.steps.store(0, Relaxed);
        self.0.armed.store(step, Relaxed);
        self.0
            .panics
            .store(usize::from(mode == Mode::Panic), Relaxed);
    }

    /// No copy fails; counting begins again.
    pub fn disarm(&self) {
        self.arm(DISARMED, Mode::Error);
    }

    /// How many copies were asked for since the last [`arm`](Self::arm) or [`disarm`](Self::disarm).
    pub fn steps(&self) -> usize {
        self.0.steps.load(Relaxed)
    }

    /// How many fuses are alive.
    pub fn live(&self) -> isize {
        self.0.live.load(Relaxed)
    }

    /// How many owners of fuses have reported that their `Drop` ran: [`Fuse::owner_dropped`].
    pub fn owners_dropped(&self) -> usize {
        self.0.drops.load(Relaxed)
    }
}

/// A value that counts as alive from its making to its `Drop`, and that is a step of each clone that it takes part in. Its copy is written by hand.
#[derive(DeepClone, Debug)]
#[deepclone(try_with = Fuse::burn)]
pub struct Fuse(Arc<Charge>);

impl Fuse {
    /// Reports that the `Drop` of the value runs that this one belongs to.
    pub fn owner_dropped(&self) {
        self.0.drops.fetch_add(1, Relaxed);
    }

    /// The step: a copy, a [`Blast`] or a panic with one. For `with` and `Clone` of a test's own, see [`Fuse::step`].
    ///
    /// # Errors
    ///
    /// When armed with [`Mode::Error`].
    pub fn burn(&self, _: &mut Cloner<'_>) -> Result<Self, Blast> {
        self.step()
    }

    /// As [`Fuse::burn`], for user code that has no `Cloner`.
    ///
    /// # Errors
    ///
    /// When armed with [`Mode::Error`].
    pub fn step(&self) -> Result<Self, Blast> {
        let step = self.0.steps.fetch_add(1, Relaxed);
        if step == self.0.armed.load(Relaxed) {
            let blast = Blast { step };
            if self.0.panics.load(Relaxed) != 0 {
                resume_unwind(Box::new(blast));
            }
            return Err(blast);
        }
        self.0.live.fetch_add(1, Relaxed);
        Ok(Self(Arc::clone(&self.0)))
    }
}

impl Clone for Fuse {
    /// A step that can only panic: a [`Blast`] is its payload whatever the mode.
    fn clone(&self) -> Self {
        self.step()
            .unwrap_or_else(|blast| resume_unwind(Box::new(blast)))
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Relaxed);
    }
}
