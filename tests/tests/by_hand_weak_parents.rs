//! Trees written by hand, whose children hold `Weak` parents of their own type: these lead to the copies, and dangle where the parent is not copied.

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;

each_family! {
    /// A tree written by hand: children, a weak parent, a weak root, and something that all share.
    struct Tree {
        name: String,
        parent: Slot<Weak<Tree>>,
        root: Weak<Tree>,
        children: Slot<Vec<Strong<Tree>>>,
        shared: Strong<String>,
    }

    fn copy_tree(tree: &Tree, cloner: &mut Cloner<'_>) -> Result<Tree, Error> {
        let parent = cloner.deep_clone(&tree.parent)?;
        assert!(open(&parent).upgrade().is_none(), "nobody sees a parent that is not finished");
        let root = cloner.deep_clone(&tree.root)?;
        assert!(root.upgrade().is_none());
        let children = cloner.deep_clone(&tree.children)?;
        assert!(open(&children).iter().all(|child| !child.name.is_empty()));
        Ok(Tree { name: tree.name.clone(), parent, root, children, shared: cloner.deep_clone(&tree.shared)? })
    }

    impl_deep_clone! { impl for Tree = copy_tree }

    fn plant(depth: u32, width: u32, shared: &Strong<String>) -> Strong<Tree> {
        fn grow(depth: u32, width: u32, root: &Weak<Tree>, shared: &Strong<String>) -> Strong<Tree> {
            let tree = Strong::new(Tree {
                name: format!("at {depth}"),
                parent: Slot::default(),
                root: root.clone(),
                children: Slot::default(),
                shared: shared.clone(),
            });
            if depth > 0 {
                for _ in 0..width {
                    let child = grow(depth - 1, width, root, shared);
                    *open(&child.parent) = Strong::downgrade(&tree);
                    open(&tree.children).push(child);
                }
            }
            tree
        }
        Strong::new_cyclic(|root| {
            let top = grow(depth, width, root, shared);
            for child in &*open(&top.children) {
                *open(&child.parent) = root.clone();
            }
            Strong::into_inner(top).expect("it is the only handle")
        })
    }

    fn check_tree(tree: &Strong<Tree>, root: &Strong<Tree>, shared: &Strong<String>) -> usize {
        assert!(Strong::ptr_eq(&tree.shared, shared));
        assert!(Strong::ptr_eq(&tree.root.upgrade().expect("the root lives"), root));
        let children = open(&tree.children);
        let mut nodes = 1;
        for child in &*children {
            assert!(Strong::ptr_eq(&open(&child.parent).upgrade().expect("the parent lives"), tree));
            nodes += check_tree(child, root, shared);
        }
        let weak = children.len() + if Strong::ptr_eq(tree, root) { tree_size(tree, &children) } else { 0 };
        drop(children);
        assert_eq!(Strong::weak_count(tree), weak);
        nodes
    }

    fn tree_size(tree: &Tree, children: &[Strong<Tree>]) -> usize {
        assert!(!tree.name.is_empty());
        1 + children.iter().map(|child| tree_size(child, &open(&child.children))).sum::<usize>()
    }

    #[test]
    fn a_tree_written_by_hand_keeps_its_weak_parents() {
        let shared = Strong::new("shared".to_owned());
        for (depth, width) in [(0, 0), (1, 1), (3, 3), (400, 1)] {
            let source = plant(depth, width, &shared);
            let copy = source.deep_clone();
            let nodes = check_tree(&copy, &copy, &copy.shared);
            assert_eq!(check_tree(&source, &source, &shared), nodes);
            assert_eq!(Strong::strong_count(&copy.shared), nodes);
            assert_eq!(Strong::strong_count(&copy), 1);
            assert_eq!(counts(&shared), (nodes + 1, 0));
        }
    }

    #[test]
    fn a_tree_written_by_hand_that_is_entered_in_the_middle_has_no_parent() {
        let shared = Strong::new("shared".to_owned());
        let source = plant(2, 2, &shared);
        let child = open(&source.children)[0].clone();
        let copy = child.deep_clone();
        assert!(open(&copy.parent).upgrade().is_none());
        assert!(copy.root.upgrade().is_none());
        assert_eq!(open(&copy.children).len(), 2);
        assert_eq!(Strong::weak_count(&copy), 2);
    }

    #[test]
    fn trees_written_by_hand_lie_in_derived_values() {
        let shared = Strong::new("shared".to_owned());
        let trees: Vec<_> = (0..3).map(|width| plant(1, width, &shared)).collect();
        let weak: Vec<_> = trees.iter().map(Strong::downgrade).collect();
        let (t, w, u) = (trees.clone(), weak.clone(), trees.clone()).deep_clone();
        for ((tree, weak), twin) in t.iter().zip(&w).zip(&u) {
            assert!(Strong::ptr_eq(tree, twin));
            assert!(Strong::ptr_eq(tree, &weak.upgrade().expect("it was reached")));
            assert_eq!(Strong::strong_count(tree), 2);
            assert!(Strong::ptr_eq(&tree.shared, &t[0].shared));
        }
        // A weak edge that comes before the tree does not have to work, but it is told in words.
        match (weak, trees.clone()).try_deep_clone() {
            Ok((w, t)) => assert!(Strong::ptr_eq(&t[2], &w[2].upgrade().expect("it was reached"))),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Incomplete);
                assert!(error.to_string().contains("before any field that leads to it by a `Weak`"), "{error}");
            }
        }
        for tree in &trees {
            assert_eq!(Strong::strong_count(tree), 1);
        }
    }
}
