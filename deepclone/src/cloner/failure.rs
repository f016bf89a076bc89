//! The one failure of an operation: the first that happens; all that follows is leaving.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::Engine;
use crate::error::{Cause, Error, ErrorKind, Inner, Told};
use crate::path::{self, Segment};
use crate::raw::sweep::Grave;
use crate::raw::traits::{Failed, Placed};
use crate::raw::unwind::Payload;

/// What went wrong, and where.
pub(crate) struct Failure {
    kind: ErrorKind,
    type_name: &'static str,
    cause: Option<Cause>,
    told: Option<&'static Told>,
    /// From the leaf to the root.
    segments: Vec<Segment>,
    /// The path that an error from elsewhere brought along.
    tail: String,
    /// Tells the errors of this failure from others.
    number: usize,
    /// A panic of user code, until it goes on.
    pub(crate) panic: Option<Payload>,
}

static NUMBERS: AtomicUsize = AtomicUsize::new(1);

impl Engine<'_> {
    /// Fails the operation.
    #[cold]
    #[inline(never)]
    pub(crate) fn fail(&mut self, kind: ErrorKind, type_name: &'static str) -> Failed {
        self.record(kind, type_name, None)
    }

    /// Fails in a way that the kind does not tell of.
    #[cold]
    pub(crate) fn fail_told(
        &mut self,
        kind: ErrorKind,
        type_name: &'static str,
        told: &'static Told,
    ) -> Failed {
        let is_first = !self.has_failed();
        let failed = self.record(kind, type_name, None);
        if let Some(failure) = self.failure.as_mut().filter(|_| is_first) {
            failure.told = Some(told);
        }
        failed
    }

    /// Fails because a map has an equal key already.
    #[cold]
    pub(crate) fn fail_equal<K>(&mut self) -> Failed {
        let key_type = core::any::type_name::<K>();
        self.fail_told(ErrorKind::KeyInCycle, key_type, Told::KEYS_EQUAL)
    }

    fn record(&mut self, kind: ErrorKind, type_name: &'static str, cause: Option<Cause>) -> Failed {
        if self.failure.is_none() {
            self.failure = Some(Box::new(Failure {
                kind,
                type_name,
                cause,
                told: None,
                segments: Vec::new(),
                tail: String::new(),
                number: NUMBERS.fetch_add(1, Ordering::Relaxed),
                panic: None,
            }));
            self.freeze();
        }
        Failed(())
    }

    /// Nothing is begun after a failure, which user code may have caused where nobody could leave at once, by a `Drop`.
    #[inline(always)]
    pub(crate) fn unless_failed(&self) -> Placed {
        if self.has_failed() {
            Err(Failed(()))
        } else {
            Ok(())
        }
    }

    /// Fails because code written by hand would see something unfinished.
    #[cold]
    pub(crate) fn fail_incomplete(&mut self, otherwise: &'static str) -> Failed {
        let type_name = self.hands.last().map_or(otherwise, |name| name());
        self.fail(ErrorKind::Incomplete, type_name)
    }

    #[cold]
    pub(crate) fn fail_by_panic(&mut self, payload: Payload) -> Failed {
        let type_name = self.hands.last().map_or("", |name| name());
        let failed = self.record(
            ErrorKind::Custom,
            type_name,
            Some(Cause::from(
                Box::<dyn core::error::Error + Send + Sync>::from("user code panicked"),
            )),
        );
        if let Some(failure) = &mut self.failure {
            match &failure.panic {
                None => failure.panic = Some(payload),
                Some(_) => self.bury(Grave::new(payload)),
            }
        }
        failed
    }

    /// Fails with what code written by hand returned.
    #[cold]
    pub(crate) fn fail_by_hand(&mut self, error: Error, type_name: &'static str) -> Failed {
        let inner = *error.inner;
        match &mut self.failure {
            // Our own error, passed on.
            Some(failure) if failure.number == inner.failure => {
                // It may be the last owner, and the user's `Drop` runs in its own time.
                self.bury(Grave::new(inner.cause));
                Failed(())
            }
            // Another one instead: this is where it arose.
            Some(failure) => {
                failure.kind = inner.kind;
                failure.type_name = if inner.type_name.is_empty() {
                    type_name
                } else {
                    inner.type_name
                };
                let before = core::mem::replace(&mut failure.cause, inner.cause);
                failure.told = inner.told;
                failure.segments.clear();
                failure.tail = below_root(&inner.path);
                self.bury(Grave::new(before));
                Failed(())
            }
            None => {
                let type_name = if inner.type_name.is_empty() {
                    type_name
                } else {
                    inner.type_name
                };
                let failed = self.record(inner.kind, type_name, inner.cause);
                if let Some(failure) = &mut self.failure {
                    failure.tail = below_root(&inner.path);
                    failure.told = inner.told;
                }
                failed
            }
        }
    }

    /// Adds a step to the path.
    #[cold]
    #[inline(never)]
    pub(crate) fn at(&mut self, segment: Segment) -> Failed {
        if let Some(failure) = &mut self.failure {
            // What was put off does not know its way from the root, so more would be noise; and a chain may be long.
            if failure.segments.last() != Some(&Segment::PutOff) || segment != Segment::PutOff {
                failure.segments.push(segment);
            }
        }
        Failed(())
    }

    /// Corrects the index that was noted last: it counted from the second piece of a sequence.
    #[cold]
    pub(crate) fn shift_index(&mut self, by: usize) {
        if let Some(Segment::Index(index)) = self
            .failure
            .as_mut()
            .and_then(|failure| failure.segments.last_mut())
        {
            *index += by;
        }
    }

    /// The failure as an error, as seen from a root of that type.
    pub(crate) fn error(&self, root: &'static str) -> Error {
        match &self.failure {
            Some(failure) => {
                let mut path = path::render(root, &failure.segments);
                path.push_str(&failure.tail);
                Error {
                    inner: Box::new(Inner {
                        kind: failure.kind,
                        path,
                        type_name: failure.type_name,
                        cause: failure.cause.clone(),
                        failure: failure.number,
                        told: failure.told,
                    }),
                }
            }
            None => Error::new(ErrorKind::Incomplete, root),
        }
    }
}

/// A path without the name of its root.
fn below_root(path: &str) -> String {
    match path.find(['.', '[', '{', ':']) {
        Some(start) => String::from(&path[start..]),
        None => String::new(),
    }
}
