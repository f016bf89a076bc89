//! Code written by hand that does what it may to a ring that it was given: stash it, swallow errors, catch panics, start operations of its own.

use std::any::Any;
use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use deepclone::{Cloner, DeepClone, Error, ErrorKind, Session};

use crate::fuse::{Blast, Detonator, Fuse, Mode};

/// What a copy written by hand does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Keeps what it got.
    Stash,
    /// And fails.
    StashAndFail,
    /// And panics.
    StashAndPanic,
    /// Does not look at an error.
    Swallow,
    /// And asks for more.
    SwallowAndGoOn,
    /// Catches a panic.
    Catch,
    /// Starts operations of its own.
    OperateMeanwhile,
}

/// A clone of what is around the deed, and its panic.
///
/// # Errors
///
/// The payload of the panic.
pub fn attempt<T: DeepClone>(source: &T) -> Result<Result<T, Error>, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(|| source.try_deep_clone()))
}

/// A panic at this step fails the clone around the deed, though [`Deed::Catch`] catches it. So does an error.
#[track_caller]
pub fn assert_caught_in_vain<T: DeepClone>(
    detonator: &Detonator,
    step: usize,
    mode: Mode,
    source: &T,
) {
    detonator.arm(step, mode);
    match attempt(source) {
        Ok(Ok(_)) => panic!("the operation has failed"),
        Ok(Err(error)) => assert_eq!(error.kind(), ErrorKind::Custom),
        Err(payload) => assert_eq!(payload.downcast_ref(), Some(&Blast { step })),
    }
}

macro_rules! family {
    ($name:ident) => {
        /// With the pointers and cells of this family.
        pub mod $name {
            use std::cell::RefCell;

            use super::*;
            pub use super::{assert_caught_in_vain, attempt};
            use crate::families::$name::{Slot, Strong, open};

            /// Derived, and on strong cycles with its kind.
            #[derive(DeepClone)]
            pub struct Ring {
                /// Its place in the ring.
                pub number: u32,
                /// Closes the ring.
                pub next: Slot<Option<Strong<Ring>>>,
                /// A step.
                pub fuse: Fuse,
            }

            impl Ring {
                /// A closed ring.
                pub fn of(detonator: &Detonator, len: u32) -> Strong<Self> {
                    let link = |number| {
                        let (next, fuse) = (Slot::default(), detonator.fuse());
                        Strong::new(Self { number, next, fuse })
                    };
                    let first = link(0);
                    let mut last = first.clone();
                    for number in 1..len {
                        let next = link(number);
                        *open(&last.next) = Some(next.clone());
                        last = next;
                    }
                    *open(&last.next) = Some(first.clone());
                    first
                }

                /// Cuts it.
                pub fn cut(&self) {
                    let next = open(&self.next).take();
                    drop(next);
                }
            }

            /// How many links a closed ring has.
            ///
            /// # Panics
            ///
            /// If it is torn, or its links are out of order.
            pub fn len(ring: &Strong<Ring>) -> u32 {
                let mut len = 1;
                let mut at = open(&ring.next).clone().expect("it is closed");
                while !Strong::ptr_eq(&at, ring) {
                    assert_eq!(at.number, len);
                    len += 1;
                    let next = open(&at.next).clone().expect("it is closed");
                    at = next;
                }
                len
            }

            thread_local! {
                /// Rings that user code was given. A cycle that it was given is its to cut, if the operation fails.
                pub static STASH: RefCell<Vec<Strong<Ring>>> = const { RefCell::new(Vec::new()) };
                /// Errors that it was given.
                pub static ERRORS: RefCell<Vec<Error>> = const { RefCell::new(Vec::new()) };
            }

            /// Cuts the rings that user code was given.
            pub fn cut_stashed() {
                for ring in STASH.take() {
                    ring.cut();
                }
            }

            /// An error at this step fails the clone around the deed, though the deed swallows it, and so does what it asks for then.
            #[track_caller]
            pub fn assert_swallowed_in_vain<T: DeepClone>(
                detonator: &Detonator,
                step: usize,
                deed: Deed,
                source: &T,
            ) {
                detonator.arm(step, Mode::Error);
                let error = attempt(source).expect("no panic").err().expect("it fails");
                let told = ERRORS.take();
                let asked = usize::from(deed == Deed::SwallowAndGoOn) * 2;
                assert_eq!(told.len(), asked);
                for error in told.iter().chain([&error]) {
                    assert_eq!(error.kind(), ErrorKind::Custom);
                    let source = error.source().expect("a source");
                    assert_eq!(source.downcast_ref(), Some(&Blast { step }));
                }
                detonator.disarm();
            }

            /// The clone around a deed fails at every step and leaves no more than what was stashed. Then `undo` takes its copy apart, if the deed has not
            /// failed it.
            #[track_caller]
            pub fn assert_fails_well<T: DeepClone>(
                detonator: &Detonator,
                mode: Mode,
                deed: Deed,
                source: &T,
                undo: impl FnOnce(T),
            ) {
                // The deeds assert that their operations end well, and panic where they don't.
                let attempt = || source.try_deep_clone();
                let (_, ended) = detonator.fail_at_every_step(mode, attempt, |_| cut_stashed());
                cut_stashed();
                assert_eq!(ended.is_err(), deed == Deed::StashAndFail);
                match ended {
                    Ok(copy) => undo(copy),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Custom);
                        assert!(error.to_string().contains("after the stash"));
                    }
                }
            }

            /// What a deed is done to, and what comes of it.
            pub type Loot = (Strong<Ring>, Option<Strong<Fuse>>);

            /// Does it, with a ring of five and something that may fail.
            ///
            /// # Errors
            ///
            /// What the operation says, or one of its own.
            ///
            /// # Panics
            ///
            /// If it is to, or if something is not as it has to be.
            pub fn commit(
                deed: Deed,
                ring: &Strong<Ring>,
                bad: &Option<Strong<Fuse>>,
                cloner: &mut Cloner<'_>,
            ) -> Result<Loot, Error> {
                let got = cloner.deep_clone(ring)?;
                assert_eq!(len(&got), 5);
                STASH.with_borrow_mut(|stash| stash.push(got.clone()));
                match deed {
                    Deed::Stash => return Ok((got, cloner.deep_clone(bad)?)),
                    Deed::StashAndFail => return Err(Error::custom("after the stash")),
                    Deed::StashAndPanic => resume_unwind(Box::new("after the stash")),
                    Deed::Swallow => drop(cloner.deep_clone(bad)),
                    Deed::SwallowAndGoOn => {
                        let error = cloner.deep_clone(bad).expect_err("it fails");
                        assert_eq!(error.kind(), ErrorKind::Custom);
                        // From then on everything fails, with the same words.
                        let again = cloner.deep_clone(ring).err();
                        let again = again.expect("the operation has failed");
                        assert_eq!(again.kind(), ErrorKind::Custom);
                        ERRORS.with_borrow_mut(|errors| errors.extend([error, again]));
                    }
                    Deed::Catch => {
                        let caught = catch_unwind(AssertUnwindSafe(|| cloner.deep_clone(bad)));
                        assert!(!matches!(caught, Ok(Ok(_))));
                        let again = catch_unwind(AssertUnwindSafe(|| cloner.deep_clone(ring)));
                        assert!(!matches!(again, Ok(Ok(_))));
                    }
                    Deed::OperateMeanwhile => {
                        // On the same source, and on what the running operation has made.
                        let other = ring.deep_clone();
                        assert!(!Strong::ptr_eq(&other, &got));
                        assert_eq!(len(&other), 5);
                        let twice = (got.clone(), got.clone());
                        let third = Session::new().deep_clone(&twice).expect("nothing fails");
                        assert!(Strong::ptr_eq(&third.0, &third.1));
                        third.0.cut();
                        got.cut();
                        return Ok((other, bad.try_deep_clone()?));
                    }
                }
                Ok((got, None))
            }
        }
    };
}

family!(rc);
family!(arc);
