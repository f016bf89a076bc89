//! Nodes written by hand that lie in a `RefCell`, as nodes of a tree mostly do: what holds for those that lie in the allocation itself holds for them.

use std::cell::RefCell;

use deepclone::{Cloner, DeepClone, Error, ErrorKind, Session, impl_deep_clone};
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// Nodes as seen by a trait.
trait Numbered: DeepClone {
    fn number(&self) -> u32;
}

macro_rules! cells {
    ($name:ident, $strong:path, $weak:path) => {
        #[allow(
            clippy::arc_with_non_send_sync,
            reason = "nothing here leaves its thread"
        )]
        mod $name {
            use super::*;
            use $strong as Strong;
            use $weak as Weak;

            deepclone_tests::handles!(Strong);

            type Handle = Strong<RefCell<Tree>>;

            struct Tree {
                number: u32,
                before: Fuse,
                parent: Weak<RefCell<Tree>>,
                root: Option<Weak<RefCell<dyn Numbered>>>,
                children: Vec<Handle>,
                after: Fuse,
            }

            impl_deep_clone! { impl for Tree = copy_tree }

            impl Numbered for Tree {
                fn number(&self) -> u32 {
                    self.number
                }
            }

            fn copy_tree(tree: &Tree, cloner: &mut Cloner<'_>) -> Result<Tree, Error> {
                let before = cloner.deep_clone(&tree.before)?;
                let parent = cloner.deep_clone(&tree.parent)?;
                let root = cloner.deep_clone(&tree.root)?;
                assert!(
                    parent.upgrade().is_none() && root.iter().all(|root| root.upgrade().is_none())
                );
                let children = cloner.deep_clone(&tree.children)?;
                for child in &children {
                    assert!(child.borrow().number > tree.number);
                    assert!(
                        child.borrow().parent.upgrade().is_none(),
                        "nor through a child"
                    );
                }
                let after = cloner.deep_clone(&tree.after)?;
                Ok(Tree {
                    number: tree.number,
                    before,
                    parent,
                    root,
                    children,
                    after,
                })
            }

            /// All nodes of a tree in which each has so many children, the root first. Children have higher numbers.
            fn plant(detonator: &Detonator, nodes: u32, width: u32) -> Vec<Handle> {
                let mut trees: Vec<Handle> = Vec::new();
                for number in 0..nodes {
                    let parent = number
                        .checked_sub(1)
                        .map(|before| &trees[(before / width) as usize]);
                    let root = trees.first().map(|root| {
                        let root: Strong<RefCell<dyn Numbered>> = root.clone();
                        Strong::downgrade(&root)
                    });
                    let tree = Strong::new(RefCell::new(Tree {
                        number,
                        before: detonator.fuse(),
                        parent: parent.map(Strong::downgrade).unwrap_or_default(),
                        root,
                        children: Vec::new(),
                        after: detonator.fuse(),
                    }));
                    if let Some(parent) = parent {
                        parent.borrow_mut().children.push(tree.clone());
                    }
                    trees.push(tree);
                }
                trees
            }

            /// Looks at each edge, and at the counts.
            fn check(root: &Handle, nodes: u32, handles_to_root: usize) {
                let mut trees = vec![root.clone()];
                for index in 0.. {
                    let Some(tree) = trees.get(index).cloned() else {
                        break;
                    };
                    assert_eq!(tree.borrow().number as usize, index);
                    for child in &tree.borrow().children {
                        let child_now = child.borrow();
                        assert!(same(
                            &child_now.parent.upgrade().expect("the parent lives"),
                            &tree
                        ));
                        let seen = child_now.root.as_ref().and_then(Weak::upgrade);
                        let seen = seen.expect("the root lives");
                        assert!(same(&seen, root) && seen.borrow().number() == 0);
                        trees.push(child.clone());
                    }
                }
                assert_eq!(trees.len(), nodes as usize);
                let mut of_root = (handles_to_root, trees.len() - 1);
                for tree in trees.drain(1..) {
                    assert_eq!(counts(&tree), (2, tree.borrow().children.len()));
                }
                of_root.0 += 1;
                of_root.1 += root.borrow().children.len();
                assert_eq!(counts(root), of_root);
            }

            #[test]
            fn a_tree_written_by_hand_in_cells_keeps_its_weak_parents() {
                let detonator = Detonator::new();
                for (nodes, width) in [(1, 1), (2, 1), (13, 3), (400, 1)] {
                    let source = plant(&detonator, nodes, width);
                    check(&source[0].deep_clone(), nodes, 1);
                    let as_trait: Strong<RefCell<dyn Numbered>> = source[0].clone();
                    let (seen, copy) = (as_trait, source[0].clone()).deep_clone();
                    assert!(same(&seen, &copy));
                    check(&copy, nodes, 2);
                    let (_, derived) =
                        (1, vec![Some(RefCell::new(source[0].clone()))]).deep_clone();
                    let copy = derived[0].as_ref().expect("it is there").borrow();
                    check(&copy, nodes, 1);
                }
            }

            #[test]
            fn a_tree_written_by_hand_in_cells_fails_well_at_every_step() {
                for mode in [Mode::Error, Mode::Panic] {
                    let detonator = Detonator::new();
                    let source = plant(&detonator, 9, 2);
                    let before: Vec<_> = source.iter().map(counts).collect();
                    let unharmed = |_| {
                        assert!(source.iter().map(counts).eq(before.iter().copied()));
                        assert!(source.iter().all(|tree| tree.try_borrow_mut().is_ok()));
                    };
                    let (steps, copy) =
                        detonator.fail_at_every_step(mode, || source[0].try_deep_clone(), unharmed);
                    assert_eq!(steps, 18);
                    check(&copy.expect("no step fails"), 9, 1);
                    let mut session = Session::new();
                    let (_, copy) = detonator.fail_at_every_step(
                        mode,
                        || session.deep_clone(&source[0]),
                        |_| (),
                    );
                    drop(session);
                    check(&copy.expect("no step fails"), 9, 1);
                    unharmed(0);
                }
            }

            #[test]
            fn a_cell_that_is_mutably_borrowed_is_that_error_whatever_lies_in_it() {
                let source = plant(&Detonator::new(), 3, 1);
                let open = source[1].borrow_mut();
                let error = source[0].try_deep_clone().err().expect("it is open");
                assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
                drop(open);
                check(&source[0].deep_clone(), 3, 1);
            }

            #[test]
            fn a_strong_cycle_through_a_cell_with_a_node_written_by_hand_is_incomplete() {
                let source = plant(&Detonator::new(), 2, 1);
                let root = source[0].clone();
                source[1].borrow_mut().children.push(root);
                let error = source[0].try_deep_clone().err().expect("a cycle");
                assert_eq!(error.kind(), ErrorKind::Incomplete);
                assert!(error.type_name().ends_with("Tree"), "{error}");
                source[1].borrow_mut().children.clear();
                check(&source[0].deep_clone(), 2, 1);
            }
        }
    };
}

cells!(rc, std::rc::Rc, std::rc::Weak);
cells!(arc, std::sync::Arc, std::sync::Weak);

/// Nodes under a lock, which are looked for before it is taken for good. The copy of one takes both out, and opens the other one's cell for ever.
mod taken_meanwhile {
    use std::cell::{Cell, OnceCell};
    use std::rc::{Rc, Weak};
    use std::sync::Mutex;

    use super::*;

    thread_local! {
        static TAKEN: RefCell<Vec<Pair>> = const { RefCell::new(Vec::new()) };
        static DROPPED: Cell<u32> = const { Cell::new(0) };
    }

    struct Taker {
        root: OnceCell<Weak<Root>>,
    }

    struct Other {
        number: Box<u32>,
    }

    impl Drop for Other {
        fn drop(&mut self) {
            DROPPED.set(DROPPED.get() + *self.number);
        }
    }

    impl_deep_clone! { impl for Taker = take }
    impl_deep_clone! { impl for Other = |other, _cloner| Ok(Other { number: other.number.clone() }) }

    fn take(taker: &Taker, _: &mut Cloner<'_>) -> Result<Taker, Error> {
        let root = taker.root.get().and_then(Weak::upgrade);
        let root = root.expect("it is being cloned");
        let mut end = &root.chain;
        while let Some(next) = &end.next {
            end = next;
        }
        let pair = end.pair.as_ref().expect("it is at the end");
        let taken = std::mem::take(&mut *pair.lock().expect("not poisoned"));
        if let Some(other) = &taken.1 {
            std::mem::forget(other.borrow_mut());
        }
        TAKEN.with_borrow_mut(|all| all.push(taken));
        Ok(Taker {
            root: OnceCell::new(),
        })
    }

    type Pair = (Option<Rc<RefCell<Taker>>>, Option<Rc<RefCell<Other>>>);

    #[derive(DeepClone)]
    struct Chain {
        next: Option<Box<Chain>>,
        pair: Option<Mutex<Pair>>,
        fuse: Fuse,
    }

    #[derive(DeepClone)]
    struct Root {
        fuse: Fuse,
        chain: Chain,
    }

    #[test]
    fn a_node_whose_cell_is_opened_before_its_turn_is_not_copied_however_deep_it_lies() {
        for depth in [1, 30, 3000] {
            let detonator = Detonator::new();
            let taker = Rc::new(RefCell::new(Taker {
                root: OnceCell::new(),
            }));
            let other = Rc::new(RefCell::new(Other {
                number: Box::new(1),
            }));
            let expected = (Rc::downgrade(&taker), Rc::downgrade(&other));
            let pair = Some(Mutex::new((Some(taker.clone()), Some(other))));
            let end = Chain {
                next: None,
                pair,
                fuse: detonator.fuse(),
            };
            let chain = (0..depth).fold(end, |next, _| Chain {
                next: Some(Box::new(next)),
                pair: None,
                fuse: detonator.fuse(),
            });
            let root = Rc::new(Root {
                fuse: detonator.fuse(),
                chain,
            });
            let set = taker.borrow().root.set(Rc::downgrade(&root));
            set.expect("not set before");
            drop(taker);
            let copy = root.deep_clone();
            let mut at = &copy.chain;
            while let Some(next) = &at.next {
                at = next;
            }
            let pair = at.pair.as_ref().expect("it is at the end");
            let pair = pair.lock().expect("not poisoned");
            assert!(pair.0.is_none() && pair.1.is_none());
            assert_eq!(DROPPED.get(), 0, "no copy was made that could be dropped");
            let taken = TAKEN.take();
            assert_eq!(taken.len(), 1);
            assert!(expected.0.strong_count() == 1 && expected.1.strong_count() == 1);
            drop(taken);
            assert_eq!(DROPPED.replace(0), 1);
        }
    }
}
