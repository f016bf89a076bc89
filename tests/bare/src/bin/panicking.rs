//! Panics in user code in the midst of a copy, and says what is left after it if anything can be said.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use deepclone::{Cloner, DeepClone, Error, Session, impl_deep_clone};
use deepclone_bare::{Key, Live, Mode, Node, arm, disarm, live};

/// Catches the panic of what it copies.
struct Deaf(Rc<Node>);

impl Deaf {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        let copy = catch_unwind(AssertUnwindSafe(|| cloner.deep_clone(&self.0)));
        copy.map_or_else(|_| Ok(Self(Node::new(0))), |copy| copy.map(Self))
    }
}

impl_deep_clone! { impl for Deaf = Deaf::copy }

/// Panics when a copy of it is dropped.
struct Sharp(bool);

impl_deep_clone! { impl for Sharp = |_, _| Ok(Sharp(true)) }

impl Drop for Sharp {
    fn drop(&mut self) {
        if self.0 {
            panic!("the fuse");
        }
    }
}

fn two() -> Rc<Node> {
    let (node, other) = (Node::new(1), Node::new(2));
    node.next.borrow_mut().push(other.clone());
    node.by_key
        .borrow_mut()
        .insert(Key::new(1, None), other.clone());
    node.by_key
        .borrow_mut()
        .insert(Key::new(2, Some(other)), node.clone());
    node
}

fn caught<T>(code: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(code)).is_err()
}

fn main() {
    let case = std::env::args().nth(1).expect("which case?");
    let source = two();
    let alive = live();
    match case.as_str() {
        "copy" => {
            arm(3, Mode::Panic);
            assert!(caught(|| source.deep_clone()));
        }
        "order" => {
            // The copies of the fields come first.
            let steps = (0..).find(|&steps| {
                arm(steps, Mode::Error);
                source.try_deep_clone().map(|copy| copy.cut()).is_ok()
            });
            disarm();
            arm(steps.expect("some step is the last"), Mode::Panic);
            assert!(caught(|| source.deep_clone()));
        }
        "hand" => {
            let deaf = Deaf(source.clone());
            arm(3, Mode::Panic);
            assert!(deaf.try_deep_clone().is_err() || caught(|| deaf.deep_clone()));
        }
        "session" => {
            let mut session = Session::new();
            arm(3, Mode::Panic);
            assert!(caught(|| session.deep_clone(&source)));
            let copy = session.deep_clone(&source).expect("a session goes on");
            copy.cut();
        }
        "drop" => {
            // The second element fails, and the copy of the first is dropped.
            arm(0, Mode::Error);
            let source = (Rc::new(RefCell::new(Sharp(false))), Rc::new(Live::new()));
            assert!(caught(|| source.try_deep_clone()));
        }
        other => panic!("no case {other}"),
    }
    println!("{} left", live() - alive);
    source.cut();
}
