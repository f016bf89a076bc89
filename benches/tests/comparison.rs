//! What the README says of other crates: a test for each cell of its table that is about Rust.

use std::cell::RefCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::rc::{Rc, Weak};

use deepclone::{DeepClone, ErrorKind};
use dyn_clone::DynClone;
use peer::DeepClone as PeerDeepClone;
use serde::{Deserialize, Serialize};

/// A node that all of them take. What `peer`'s derive would write, written out: it names a crate `deepclone`.
#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Node {
    name: String,
    next: RefCell<Option<Rc<Node>>>,
    back: RefCell<Weak<Node>>,
}

impl PeerDeepClone for Node {
    fn deep_clone_in(&self, cloner: &mut peer::Cloner) -> Self {
        Self {
            name: self.name.deep_clone_in(cloner),
            next: self.next.deep_clone_in(cloner),
            back: self.back.deep_clone_in(cloner),
        }
    }
}

fn node(name: &str) -> Rc<Node> {
    Rc::new(Node {
        name: name.to_owned(),
        next: RefCell::default(),
        back: RefCell::default(),
    })
}

fn round_trip<T: Serialize + for<'de> Deserialize<'de>>(value: &T) -> T {
    serde_json::from_slice(&serde_json::to_vec(value).unwrap()).unwrap()
}

mod an_allocation_that_is_reached_twice {
    use super::*;

    fn diamond() -> (Rc<Node>, Rc<Node>) {
        let shared = node("shared");
        (shared.clone(), shared)
    }

    #[test]
    fn is_one_new_allocation_in_our_copy() {
        let source = diamond();
        let copy = DeepClone::deep_clone(&source);
        assert!(Rc::ptr_eq(&copy.0, &copy.1) && !Rc::ptr_eq(&copy.0, &source.0));
    }

    #[test]
    fn is_one_new_allocation_in_a_copy_by_the_other_deepclone() {
        let source = diamond();
        let copy = PeerDeepClone::deep_clone(&source);
        assert!(Rc::ptr_eq(&copy.0, &copy.1) && !Rc::ptr_eq(&copy.0, &source.0));
    }

    #[test]
    fn is_the_source_in_a_copy_by_dyn_clone() {
        let source = diamond();
        let copy = dyn_clone::clone(&source);
        assert!(Rc::ptr_eq(&copy.0, &source.0));
    }

    #[test]
    fn is_two_allocations_after_a_round_trip() {
        let copy = round_trip(&diamond());
        assert!(!Rc::ptr_eq(&copy.0, &copy.1));
    }
}

mod a_cycle_of_strong_edges {
    use super::*;

    fn with_loop(test: impl FnOnce(&Rc<Node>)) {
        let node = node("loop");
        *node.next.borrow_mut() = Some(node.clone());
        test(&node);
        node.next.take();
    }

    #[test]
    fn is_closed_in_our_copy() {
        with_loop(|source| {
            let copy = DeepClone::deep_clone(source);
            let next = copy.next.take().unwrap();
            assert!(Rc::ptr_eq(&copy, &next) && !Rc::ptr_eq(&copy, source));
        });
    }

    #[test]
    fn makes_the_other_deepclone_panic() {
        with_loop(|source| {
            let panic = catch_unwind(AssertUnwindSafe(|| PeerDeepClone::deep_clone(source)));
            let text = *panic.err().unwrap().downcast::<String>().unwrap();
            assert!(text.contains("cycle of strong"), "{text}");
        });
    }

    #[test]
    fn is_the_source_s_in_a_copy_by_dyn_clone() {
        with_loop(|source| assert!(Rc::ptr_eq(&dyn_clone::clone(source), source)));
    }

    #[test]
    fn is_written_by_serde_without_end() {
        struct UpTo(usize);
        impl io::Write for UpTo {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self
                    .0
                    .checked_sub(bytes.len())
                    .ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        with_loop(|source| {
            let error = serde_json::to_writer(UpTo(2_000), source).unwrap_err();
            assert_eq!(error.io_error_kind(), Some(io::ErrorKind::StorageFull));
        });
    }
}

mod a_weak_to_a_copied_allocation {
    use super::*;

    fn with_back_edge() -> Rc<Node> {
        let first = node("first");
        let second = node("second");
        *second.back.borrow_mut() = Rc::downgrade(&first);
        *first.next.borrow_mut() = Some(second);
        first
    }

    fn target(copy: &Node) -> Option<Rc<Node>> {
        copy.next.borrow().as_ref().unwrap().back.borrow().upgrade()
    }

    #[test]
    fn leads_to_the_copy_in_ours() {
        let copy = DeepClone::deep_clone(&with_back_edge());
        assert!(Rc::ptr_eq(&target(&copy).unwrap(), &copy));
    }

    #[test]
    fn leads_to_the_copy_in_one_by_the_other_deepclone() {
        let copy = PeerDeepClone::deep_clone(&with_back_edge());
        assert!(Rc::ptr_eq(&target(&copy).unwrap(), &copy));
    }

    #[test]
    fn leads_to_the_source_in_a_copy_by_dyn_clone() {
        let source = with_back_edge();
        let copy = dyn_clone::clone(&source);
        assert!(Rc::ptr_eq(&target(&copy).unwrap(), &source));
    }

    #[test]
    fn dangles_after_a_round_trip() {
        // The edge is written as a copy of its target; a target without a way back keeps that finite.
        let source = (node("first"), RefCell::new(Weak::<Node>::new()));
        *source.1.borrow_mut() = Rc::downgrade(&source.0);
        let written = serde_json::to_string(&source).unwrap();
        assert_eq!(written.matches("first").count(), 2);
        let copy: (Rc<Node>, RefCell<Weak<Node>>) = serde_json::from_str(&written).unwrap();
        assert!(copy.1.borrow().upgrade().is_none());
    }
}

mod a_weak_parent_that_lies_outside {
    use super::*;

    fn under_a_parent(test: impl FnOnce(&Rc<Node>)) {
        let parent = node("parent");
        let source = node("entered here");
        *source.back.borrow_mut() = Rc::downgrade(&parent);
        test(&source);
        assert_eq!((Rc::strong_count(&parent), Rc::weak_count(&parent)), (1, 1));
    }

    #[test]
    fn is_not_pulled_in_by_us() {
        under_a_parent(|source| {
            let mut session = deepclone::Session::new();
            let copy = session.deep_clone(source).unwrap();
            assert!(copy.back.borrow().upgrade().is_none());
            assert_eq!(
                session.stats().bytes,
                (size_of::<Node>() + "entered here".len()) as u64
            );
        });
    }

    #[test]
    fn is_copied_and_dropped_again_by_the_other_deepclone() {
        under_a_parent(|source| {
            let mut cloner = peer::Cloner::default();
            let copy = source.deep_clone_in(&mut cloner);
            let parent = copy.back.borrow().upgrade().expect("the cloner keeps it");
            assert_eq!(parent.name, "parent");
            drop((parent, cloner));
            assert!(copy.back.borrow().upgrade().is_none());
        });
    }

    #[test]
    fn is_the_source_s_in_a_copy_by_dyn_clone() {
        under_a_parent(|source| {
            let copy = dyn_clone::clone(&**source);
            assert!(copy.back.borrow().ptr_eq(&source.back.borrow()));
            assert_eq!(copy.back.borrow().upgrade().unwrap().name, "parent");
        });
    }

    #[test]
    fn is_copied_and_dropped_again_by_a_round_trip() {
        under_a_parent(|source| {
            let written = serde_json::to_string(source).unwrap();
            assert_eq!(written.matches("parent").count(), 1);
            let copy: Rc<Node> = serde_json::from_str(&written).unwrap();
            assert_eq!(copy.name, "entered here");
            assert!(copy.back.borrow().upgrade().is_none());
        });
    }
}

mod a_trait_object {
    use std::marker::PhantomData;

    use serde::de::DeserializeOwned;

    use super::*;

    trait Shape: DeepClone + peer::DynDeepClone + DynClone {
        fn sides(&self) -> u32;
    }
    dyn_clone::clone_trait_object!(Shape);

    #[derive(Clone, DeepClone)]
    struct Polygon(u32);

    impl PeerDeepClone for Polygon {
        fn deep_clone_in(&self, _: &mut peer::Cloner) -> Self {
            Self(self.0)
        }
    }

    impl Shape for Polygon {
        fn sides(&self) -> u32 {
            self.0
        }
    }

    #[test]
    fn in_a_box_is_copied_by_all_three() {
        let source: Box<dyn Shape> = Box::new(Polygon(3));
        assert_eq!(DeepClone::deep_clone(&source).sides(), 3);
        assert_eq!(PeerDeepClone::deep_clone(&source).sides(), 3);
        assert_eq!(source.clone().sides(), 3);
    }

    #[test]
    fn in_an_rc_is_copied_by_us_as_it_stands() {
        let source: Rc<dyn Shape> = Rc::new(Polygon(3));
        let pair = (source.clone(), source);
        let copy = DeepClone::deep_clone(&pair);
        assert!(Rc::ptr_eq(&copy.0, &copy.1) && !Rc::ptr_eq(&copy.0, &pair.0));
    }

    #[test]
    fn in_an_rc_is_copied_by_the_other_deepclone_through_a_function() {
        let source: Rc<dyn Shape> = Rc::new(Polygon(3));
        let copy = peer::deep_clone_unsized_rc(&source, &mut peer::Cloner::default());
        assert!(!Rc::ptr_eq(&copy, &source));
    }

    #[test]
    fn in_an_rc_is_shared_by_dyn_clone() {
        let source: Rc<dyn Shape> = Rc::new(Polygon(3));
        assert!(Rc::ptr_eq(&dyn_clone::clone(&source), &source));
    }

    /// What has an impl answers for itself, anything else by the trait.
    struct Has<T>(PhantomData<T>);

    trait HasNot {
        const SERIALIZE: bool = false;
        const DESERIALIZE: bool = false;
    }

    impl<T> HasNot for Has<T> {}

    impl<T: Serialize> Has<T> {
        const SERIALIZE: bool = true;
    }

    impl<T: DeserializeOwned> Has<T> {
        const DESERIALIZE: bool = true;
    }

    #[test]
    fn has_no_impl_of_serde() {
        const { assert!(!Has::<Box<dyn Shape>>::SERIALIZE && !Has::<Box<dyn Shape>>::DESERIALIZE) };
        const { assert!(!Has::<Rc<dyn Shape>>::SERIALIZE && !Has::<Rc<dyn Shape>>::DESERIALIZE) };
        const { assert!(Has::<Box<Node>>::SERIALIZE && Has::<Box<Node>>::DESERIALIZE) };
        const { assert!(Has::<Rc<Node>>::SERIALIZE && Has::<Rc<Node>>::DESERIALIZE) };
    }
}

mod a_list_of_a_million_nodes {
    use super::*;

    fn list(nodes: usize) -> Rc<Node> {
        let mut head = node("");
        for _ in 1..nodes {
            let next = head;
            head = node("");
            *head.next.borrow_mut() = Some(next);
        }
        head
    }

    fn with_list(test: impl FnOnce(&Rc<Node>)) {
        let head = list(1_000_000);
        test(&head);
        take_apart(head);
    }

    fn take_apart(head: Rc<Node>) {
        let mut rest = Some(head);
        while let Some(node) = rest {
            rest = node.next.take();
        }
    }

    #[test]
    fn is_copied_by_us() {
        with_list(|source| {
            let copy = DeepClone::deep_clone(source);
            let mut len = 1;
            let mut at = copy.clone();
            while let Some(next) = { at.next.borrow().clone() } {
                at = next;
                len += 1;
            }
            assert_eq!(len, 1_000_000);
            take_apart(copy);
        });
    }

    #[test]
    fn is_shared_by_dyn_clone() {
        with_list(|source| {
            assert!(Rc::ptr_eq(&dyn_clone::clone(source), source));
            let copy = dyn_clone::clone(&**source);
            let next = source.next.borrow();
            assert!(Rc::ptr_eq(
                &copy.next.take().unwrap(),
                next.as_ref().unwrap()
            ));
        });
    }

    #[test]
    #[ignore = "aborts its process, so the test below runs it in another one"]
    fn copied_by_the_other_deepclone() {
        with_list(|source| take_apart(PeerDeepClone::deep_clone(source)));
    }

    #[test]
    fn overflows_the_stack_of_the_other_deepclone() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "a_list_of_a_million_nodes::copied_by_the_other_deepclone",
                "--ignored",
            ])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("has overflowed its stack"), "{text}");
    }

    #[test]
    fn is_beyond_what_a_round_trip_reads() {
        let read = |nodes| {
            let written = serde_json::to_vec(&list(nodes)).unwrap();
            serde_json::from_slice::<Rc<Node>>(&written)
        };
        assert!(read(127).is_ok());
        let error = read(128).err().unwrap();
        assert!(error.to_string().contains("recursion limit"), "{error}");
    }
}

mod what_can_not_be_copied_now {
    use super::*;

    #[derive(DeepClone)]
    struct Scene {
        nodes: Vec<RefCell<u32>>,
    }

    impl PeerDeepClone for Scene {
        fn deep_clone_in(&self, cloner: &mut peer::Cloner) -> Self {
            Self {
                nodes: self.nodes.deep_clone_in(cloner),
            }
        }
    }

    fn with_borrowed_cell(test: impl FnOnce(&Scene)) {
        let scene = Scene {
            nodes: vec![RefCell::new(0), RefCell::new(1)],
        };
        let _borrowed = scene.nodes[1].borrow_mut();
        test(&scene);
    }

    #[test]
    fn is_an_error_with_its_path_from_us() {
        with_borrowed_cell(|scene| {
            let error = scene.try_deep_clone().err().unwrap();
            assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
            assert_eq!(error.path(), "Scene.nodes[1]");
        });
    }

    #[test]
    fn is_a_panic_from_the_other_deepclone() {
        with_borrowed_cell(|scene| {
            assert!(catch_unwind(AssertUnwindSafe(|| PeerDeepClone::deep_clone(scene))).is_err());
        });
    }

    #[test]
    fn is_an_error_without_a_path_from_serde() {
        with_borrowed_cell(|scene| {
            let error = serde_json::to_string(&scene.nodes).unwrap_err().to_string();
            assert!(
                error.contains("borrowed") && !error.contains('1'),
                "{error}"
            );
        });
    }
}
