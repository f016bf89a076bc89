//! Values that count their live instances, and that fail or panic at the k-th copy.

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

use deepclone::{Cloner, DeepClone, Error, ErrorKind};

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
    /// Whether the step that fails panics. One that can't return an error says so when it fails.
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

    /// Runs an attempt in which the `step`-th copy fails, and checks that it fails as it should: it returns the blast as an error of kind
    /// [`ErrorKind::Custom`] if the fuse returned one, and panics with the blast if the fuse panicked. `None` stands for that. What ends without having
    /// come to the step is handed back. No copy fails afterwards, and [`steps`](Self::steps) says how many were asked for.
    #[track_caller]
    pub fn attempt_at<T>(
        &self,
        step: usize,
        mode: Mode,
        attempt: impl FnOnce() -> Result<T, Error>,
    ) -> Option<Result<T, Error>> {
        self.arm(step, mode);
        let ended = catch_unwind(AssertUnwindSafe(attempt));
        self.0.armed.store(DISARMED, Relaxed);
        if self.steps() <= step {
            return Some(ended.unwrap_or_else(|payload| resume_unwind(payload)));
        }
        let panics = self.0.panics.load(Relaxed) != 0;
        match ended {
            Ok(Ok(_)) => panic!("{mode:?} at step {step}, and nothing has failed"),
            Ok(Err(error)) => {
                assert!(!panics, "step {step} panicked, and ended as {error}");
                assert_eq!(error.kind(), ErrorKind::Custom);
                let source = error.source().and_then(|source| source.downcast_ref());
                assert_eq!(source, Some(&Blast { step }));
            }
            Err(payload) => {
                assert_eq!(payload.downcast_ref(), Some(&Blast { step }));
                assert!(panics, "step {step} was an error, and ended as a panic");
            }
        }
        None
    }

    /// [`attempt_at`](Self::attempt_at) a step that has to be reached.
    #[track_caller]
    pub fn fail_at<T>(&self, step: usize, mode: Mode, attempt: impl FnOnce() -> Result<T, Error>) {
        let ended = self.attempt_at(step, mode, attempt);
        assert!(ended.is_none(), "there is no step {step}");
    }

    /// Fails at step 0, at step 1 and so on, until an attempt ends before it comes to the step: as [`attempt_at`](Self::attempt_at) checks, and with as
    /// many fuses alive as before. `check` runs before they are counted. Returns how many steps there are and what the last attempt came to.
    #[track_caller]
    pub fn fail_at_every_step<T>(
        &self,
        mode: Mode,
        mut attempt: impl FnMut() -> Result<T, Error>,
        mut check: impl FnMut(usize),
    ) -> (usize, Result<T, Error>) {
        let live = self.live();
        let mut step = 0;
        loop {
            if let Some(ended) = self.attempt_at(step, mode, &mut attempt) {
                return (step, ended);
            }
            check(step);
            assert_eq!(self.live(), live, "{mode:?} at step {step}");
            step += 1;
        }
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
        self.step().unwrap_or_else(|blast| {
            self.0.panics.store(1, Relaxed);
            resume_unwind(Box::new(blast))
        })
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Relaxed);
    }
}
