//! Trees written by hand, whose children hold `Weak` parents of their own type, when something in them fails: nothing is lost, nothing unfinished is
//! seen, and the next clone knows nothing of it.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "nothing here leaves its thread"
)]

use std::cell::Cell;

use deepclone::{Cloner, DeepClone, Error, Session, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

thread_local! {
    /// How many trees could reach a parent when they were dropped. A `Drop` must not panic, so it counts.
    static SAW_A_PARENT: Cell<usize> = const { Cell::new(0) };
}

each_family! {
    /// One step before its children, one behind them, and something that all share.
    struct Tree {
        number: u32,
        parent: Slot<Weak<Tree>>,
        root: Weak<Tree>,
        before: Fuse,
        children: Slot<Vec<Strong<Tree>>>,
        shared: Strong<Fuse>,
        after: Fuse,
    }

    impl_deep_clone! { impl for Tree = copy_tree }

    fn copy_tree(tree: &Tree, cloner: &mut Cloner<'_>) -> Result<Tree, Error> {
        let before = cloner.deep_clone(&tree.before)?;
        let parent = cloner.deep_clone(&tree.parent)?;
        let root = cloner.deep_clone(&tree.root)?;
        assert!(open(&parent).upgrade().is_none() && root.upgrade().is_none(), "nobody sees a parent that is not finished");
        let children = cloner.deep_clone(&tree.children)?;
        for child in &*open(&children) {
            assert!(child.number > tree.number);
            assert!(open(&child.parent).upgrade().is_none(), "nor through a child");
        }
        let shared = cloner.deep_clone(&tree.shared)?;
        let after = cloner.deep_clone(&tree.after)?;
        Ok(Tree { number: tree.number, parent, root, before, children, shared, after })
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            self.after.owner_dropped();
            if open(&self.parent).upgrade().is_some() {
                SAW_A_PARENT.set(SAW_A_PARENT.get() + 1);
            }
        }
    }

    /// All nodes of a tree in which each has so many children, the root first. Children have higher numbers.
    fn plant(detonator: &Detonator, nodes: u32, width: u32) -> Vec<Strong<Tree>> {
        let shared = Strong::new(detonator.fuse());
        let new = |number, root: &Weak<Tree>| Tree {
            number,
            parent: Slot::default(),
            root: root.clone(),
            before: detonator.fuse(),
            children: Slot::default(),
            shared: shared.clone(),
            after: detonator.fuse(),
        };
        let root = Strong::new_cyclic(|root| new(0, root));
        let mut trees = vec![root];
        for number in 1..nodes {
            let tree = Strong::new(new(number, &Strong::downgrade(&trees[0])));
            let parent = &trees[((number - 1) / width) as usize];
            *open(&tree.parent) = Strong::downgrade(parent);
            open(&parent.children).push(tree.clone());
            trees.push(tree);
        }
        trees
    }

    fn counts(trees: &[Strong<Tree>]) -> Vec<(usize, usize)> {
        trees.iter().map(|tree| (Strong::strong_count(tree), Strong::weak_count(tree))).collect()
    }

    /// The nodes of a copy in the order of the source's, after a look at each edge.
    fn collect(root: &Strong<Tree>) -> Vec<Strong<Tree>> {
        let mut trees = vec![root.clone()];
        for index in 0.. {
            let Some(tree) = trees.get(index).cloned() else { break };
            assert_eq!(tree.number as usize, index);
            assert!(Strong::ptr_eq(&tree.root.upgrade().expect("the root lives"), root));
            assert!(Strong::ptr_eq(&tree.shared, &root.shared));
            for child in &*open(&tree.children) {
                assert!(Strong::ptr_eq(&open(&child.parent).upgrade().expect("the parent lives"), &tree));
                trees.push(child.clone());
            }
        }
        trees
    }

    /// What holds the tree: nothing, derived values, or a session.
    type Clones = fn(&mut Session, &Strong<Tree>) -> Result<Strong<Tree>, Error>;

    const WAYS: [Clones; 4] = [
        |_, root| root.try_deep_clone(),
        |_, root| {
            let source = (1, vec![Some(Strong::new(Slot::new(root.clone())))], Strong::downgrade(root));
            let copy = source.try_deep_clone()?;
            let tree = open(copy.1[0].as_ref().expect("it is there")).clone();
            assert!(Strong::ptr_eq(&tree, &copy.2.upgrade().expect("it lives")));
            Ok(tree)
        },
        |_, root| Ok((root.clone(), root.clone()).try_deep_clone()?.1),
        |session, root| session.deep_clone(root),
    ];

    fn assert_fails_well_at_every_step(nodes: u32, width: u32) {
        for (way, mode) in WAYS.into_iter().flat_map(|way| [(way, Mode::Error), (way, Mode::Panic)]) {
            let detonator = Detonator::new();
            let source = plant(&detonator, nodes, width);
            let live = detonator.live();
            let steps = 2 * nodes as usize + 1;
            assert_eq!(live, steps as isize);
            let before = counts(&source);
            let mut session = Session::new();
            SAW_A_PARENT.set(0);
            for step in 0..steps {
                detonator.fail_at(step, mode, || way(&mut session, &source[0]));
                assert_eq!(detonator.steps(), step + 1, "nothing is copied after the failure");
                assert_eq!(detonator.live(), live, "at step {step}");
                assert!(session.copy_of(&source[0]).is_none() && session.copy_of(&source[nodes as usize - 1]).is_none());
                assert!(source.iter().all(|tree| is_at_rest(&tree.parent) && is_at_rest(&tree.children)));
            }
            assert_eq!(SAW_A_PARENT.get(), 0, "no parent was finished, so no child could reach one");
            // At once, and with the same session.
            let copies = collect(&way(&mut session, &source[0]).expect("not armed"));
            assert_eq!(detonator.live(), 2 * live);
            drop(session);
            assert_eq!(counts(&source), before);
            // The list holds one more of each, as the source's does.
            assert_eq!(counts(&copies), before);
            assert_eq!(Strong::strong_count(&copies[0].shared), nodes as usize);
            drop(copies);
            assert_eq!(detonator.live(), live);
            drop(source);
            assert_eq!(detonator.live(), 0);
        }
    }

    #[test]
    fn a_tree_written_by_hand_fails_well_at_every_step() {
        assert_fails_well_at_every_step(1, 1);
        assert_fails_well_at_every_step(7, 2);
        assert_fails_well_at_every_step(9, 8);
    }

    #[test]
    fn a_deep_tree_written_by_hand_fails_well_at_every_step() {
        assert_fails_well_at_every_step(25, 1);
    }

    #[test]
    fn what_a_failing_tree_has_finished_is_dropped_once_and_the_rest_never() {
        let detonator = Detonator::new();
        let source = plant(&detonator, 7, 2);
        // Each step, and how many trees are finished by then: a tree is when the step behind its children has gone well.
        for step in 0..15 {
            let before = detonator.owners_dropped();
            detonator.fail_at(step, Mode::Error, || source[0].try_deep_clone());
            let finished = detonator.owners_dropped() - before;
            // In the order of the visit: root, left child, its children with the shared thing between the steps of the first, and so on.
            let expected = [0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 3, 4, 4, 5, 6][step];
            assert_eq!(finished, expected, "at step {step}");
            assert_eq!(detonator.live(), 15);
        }
    }

    #[test]
    fn a_tree_written_by_hand_that_fails_in_the_middle_of_a_derived_one_takes_nothing_along() {
        #[derive(DeepClone)]
        struct Grove {
            first: Fuse,
            trees: Vec<Strong<Tree>>,
            oldest: Slot<Weak<Tree>>,
            itself: Slot<Option<Strong<Grove>>>,
            last: Fuse,
        }
        for mode in [Mode::Error, Mode::Panic] {
            let detonator = Detonator::new();
            let trees: Vec<_> = (1..4).map(|nodes| plant(&detonator, nodes, 1)).collect();
            let roots: Vec<_> = trees.iter().map(|trees| trees[0].clone()).collect();
            let grove = Strong::new(Grove {
                first: detonator.fuse(),
                oldest: Slot::new(Strong::downgrade(&roots[2])),
                trees: roots,
                itself: Slot::default(),
                last: detonator.fuse(),
            });
            // The grove is on a strong cycle, and the trees are not.
            *open(&grove.itself) = Some(grove.clone());
            let live = detonator.live();
            let before: Vec<_> = trees.iter().map(|trees| counts(trees)).collect();
            for step in 0..live as usize {
                detonator.fail_at(step, mode, || grove.try_deep_clone());
                assert_eq!(detonator.live(), live, "at step {step}");
                assert!(trees.iter().map(|trees| counts(trees)).eq(before.iter().cloned()));
                assert_eq!((Strong::strong_count(&grove), Strong::weak_count(&grove)), (2, 0));
            }
            let copy = grove.deep_clone();
            assert!(Strong::ptr_eq(&open(&copy.oldest).upgrade().expect("it lives"), &copy.trees[2]));
            assert!(copy.trees.iter().map(collect).map(|copies| copies.len()).eq(1..4));
            for grove in [&grove, &copy] {
                let itself = open(&grove.itself).take();
                drop(itself);
            }
            drop(copy);
            assert_eq!(detonator.live(), live);
        }
    }
}
