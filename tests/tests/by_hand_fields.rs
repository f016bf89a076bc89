//! Single fields written by hand, `with` and `try_with`, in derived types: in graphs of any depth, on cycles, in trees, and in cells whose type is written by hand.

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

each_family! {
    /// A tree that is derived, but for one odd field, which asks for shared things and for the children.
    #[derive(DeepClone)]
    struct Tree {
        parent: Slot<Weak<Tree>>,
        #[deepclone(try_with = children)]
        children: Vec<Strong<Tree>>,
        #[deepclone(try_with = shared)]
        shared: Strong<String>,
        #[deepclone(with = one_more)]
        generation: u32,
        #[deepclone(default)]
        cache: Option<Strong<String>>,
        #[deepclone(clone)]
        sign: Strong<u64>,
    }

    #[allow(clippy::ptr_arg, reason = "that is what the field is")]
    fn children(source: &Vec<Strong<Tree>>, cloner: &mut Cloner<'_>) -> Result<Vec<Strong<Tree>>, Error> {
        source.iter().map(|child| cloner.deep_clone(child)).collect()
    }

    fn shared(source: &Strong<String>, cloner: &mut Cloner<'_>) -> Result<Strong<String>, Error> {
        cloner.deep_clone(source)
    }

    fn one_more(generation: &u32) -> u32 {
        generation + 1
    }

    #[test]
    fn odd_fields_of_derived_types_share_what_the_others_share() {
        let text = Strong::new("text".to_owned());
        let sign = Strong::new(7);
        let leaf = |parent| Strong::new(Tree {
            parent: Slot::new(parent),
            children: Vec::new(),
            shared: text.clone(),
            generation: 1,
            cache: Some(text.clone()),
            sign: sign.clone(),
        });
        let (a, b) = (leaf(Weak::new()), leaf(Weak::new()));
        let root = Tree { children: vec![a.clone(), b.clone(), a.clone()], ..Strong::into_inner(leaf(Weak::new())).expect("the only handle") };
        let copy = (a.clone(), root, text.clone()).deep_clone();
        assert!(Strong::ptr_eq(&copy.0, &copy.1.children[0]) && Strong::ptr_eq(&copy.0, &copy.1.children[2]));
        assert!(Strong::ptr_eq(&copy.2, &copy.1.shared) && Strong::ptr_eq(&copy.2, &copy.1.children[1].shared));
        assert_eq!((copy.1.generation, copy.1.cache.is_none()), (2, true));
        assert!(Strong::ptr_eq(&copy.1.sign, &sign));
        assert_eq!((Strong::strong_count(&copy.0), Strong::strong_count(&copy.2)), (3, 4));
        assert_eq!((Strong::weak_count(&copy.0), Strong::weak_count(&text)), (0, 0));
    }

    /// A list, each of whose nodes is reached through an odd field, a plain one, and a type written by hand.
    #[derive(DeepClone)]
    struct List {
        number: u32,
        #[deepclone(try_with = next)]
        odd: Option<Strong<List>>,
        plain: Option<Strong<List>>,
        hand: Option<Box<Hand>>,
    }

    struct Hand(Option<Strong<List>>);

    impl_deep_clone! { impl for Hand = |hand, cloner| Ok(Hand(cloner.deep_clone(&hand.0)?)) }

    fn next(source: &Option<Strong<List>>, cloner: &mut Cloner<'_>) -> Result<Option<Strong<List>>, Error> {
        let next = cloner.deep_clone(source)?;
        if let (Some(copy), Some(original)) = (&next, source) {
            assert_eq!(copy.number, original.number);
            assert_eq!(copy.plain.as_ref().map(|list| list.number), original.plain.as_ref().map(|list| list.number));
        }
        Ok(next)
    }

    #[test]
    fn odd_fields_reach_any_depth() {
        for depth in [4, 100, 1_000, 6_000] {
            let mut nodes: Vec<Strong<List>> = Vec::new();
            for number in 0..depth {
                let back = |steps: usize| nodes.len().checked_sub(steps).map(|at| nodes[at].clone());
                let (odd, plain, hand) = match number % 3 {
                    0 => (back(1), back(2), None),
                    1 => (None, back(1), Some(Box::new(Hand(back(2))))),
                    _ => (back(3), None, Some(Box::new(Hand(back(1))))),
                };
                nodes.push(Strong::new(List { number, odd, plain, hand }));
            }
            let copy = nodes[nodes.len() - 1].deep_clone();
            // Each node leads to the one before it.
            let mut copies = vec![copy];
            loop {
                let last = &copies[copies.len() - 1];
                assert_eq!(Strong::weak_count(last), 0);
                let next = match last.number % 3 {
                    0 => last.odd.clone(),
                    1 => last.plain.clone(),
                    _ => last.hand.as_ref().and_then(|hand| hand.0.clone()),
                };
                match next {
                    Some(next) => copies.push(next),
                    None => break,
                }
            }
            assert_eq!(copies.len(), nodes.len());
            for (copy, source) in copies.iter().zip(nodes.iter().rev()) {
                assert_eq!((copy.number, Strong::strong_count(copy)), (source.number, Strong::strong_count(source)));
            }
            copies.reverse();
            while copies.pop().is_some() {}
            while nodes.pop().is_some() {}
        }
    }

    /// An odd field on a strong cycle: one that does not ask for it, and one that does.
    #[derive(DeepClone)]
    struct Node {
        #[deepclone(try_with = Fuse::burn)]
        harmless: Fuse,
        plain: Slot<Option<Strong<Node>>>,
        #[deepclone(try_with = ask)]
        odd: Slot<Option<Strong<Node>>>,
    }

    fn ask(source: &Slot<Option<Strong<Node>>>, cloner: &mut Cloner<'_>) -> Result<Slot<Option<Strong<Node>>>, Error> {
        cloner.deep_clone(source)
    }

    #[test]
    fn an_odd_field_may_lie_on_a_strong_cycle_if_it_does_not_ask_for_it() {
        let detonator = Detonator::new();
        let node = || Strong::new(Node { harmless: detonator.fuse(), plain: Slot::default(), odd: Slot::default() });
        let (a, b) = (node(), node());
        *open(&a.plain) = Some(b.clone());
        *open(&b.plain) = Some(a.clone());
        let copy = a.deep_clone();
        let other = open(&copy.plain).clone().expect("a ring");
        assert!(Strong::ptr_eq(open(&other.plain).as_ref().expect("a ring"), &copy));
        assert_eq!(counts(&copy), (2, 0));
        let cut = open(&copy.plain).take();
        drop(cut);
        drop((copy, other));

        // Through the odd field it can't be finished: with or without a plain way around.
        *open(&b.odd) = Some(a.clone());
        for root in [&a, &b] {
            let error = root.try_deep_clone().err().expect("it can't be finished");
            assert_eq!(error.kind(), ErrorKind::Incomplete);
            assert!(error.path().contains(".odd"), "{}", error.path());
            assert_eq!(detonator.live(), 2);
            assert_eq!(counts(&a), (3, 0));
        }
        let cut = (open(&b.plain).take(), open(&b.odd).take());
        drop(cut);
        let copy = a.deep_clone();
        drop(copy);
        drop((a, b));
        assert_eq!(detonator.live(), 0);
    }

    /// A tree in cells: what is shared is a cell of a type written by hand.
    struct InCell {
        parent: Weak<Slot<InCell>>,
        children: Vec<Strong<Slot<InCell>>>,
        fuse: Fuse,
    }

    impl_deep_clone! {
        impl for InCell = |source, cloner| Ok(InCell {
            fuse: cloner.deep_clone(&source.fuse)?,
            parent: cloner.deep_clone(&source.parent)?,
            children: cloner.deep_clone(&source.children)?,
        })
    }

    #[test]
    fn a_tree_of_cells_of_a_type_written_by_hand_is_right_or_told_in_words() {
        let detonator = Detonator::new();
        let new = || Strong::new(Slot::new(InCell { parent: Weak::new(), children: vec![], fuse: detonator.fuse() }));
        let (root, child) = (new(), new());
        open(&child).parent = Strong::downgrade(&root);
        open(&root).children.push(child.clone());
        match root.try_deep_clone() {
            Ok(copy) => {
                let child = open(&copy).children[0].clone();
                let parent = open(&child).parent.upgrade().expect("the root lives");
                assert!(Strong::ptr_eq(&parent, &copy));
                assert_eq!((Strong::strong_count(&child), Strong::weak_count(&copy)), (2, 1));
            }
            // The content of a lock that asks for another lock gets a word of its own.
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Incomplete | ErrorKind::WouldBlock));
                assert!(error.type_name().contains("InCell") && error.to_string().contains("help:"), "{error}");
            }
        }
        assert_eq!(detonator.live(), 2);
        assert!(is_at_rest(&root) && is_at_rest(&child));
        assert_eq!((Strong::strong_count(&child), Strong::weak_count(&root)), (2, 1));
        // Without a parent or a child it is nothing special.
        open(&child).parent = Weak::new();
        assert_eq!(open(&child.deep_clone()).children.len(), 0);
    }

    /// A child written by hand, under a parent of another type, whose `Weak` it holds.
    struct Child(Weak<Parent>, u32);

    impl_deep_clone! { impl for Child = |child, cloner| Ok(Child(cloner.deep_clone(&child.0)?, child.1)) }

    #[derive(DeepClone)]
    struct Parent {
        children: Vec<Strong<Child>>,
        fuse: Fuse,
    }

    #[test]
    fn a_child_written_by_hand_under_a_parent_of_another_type_is_right_or_told_what_to_do() {
        let detonator = Detonator::new();
        let parent = Strong::new_cyclic(|parent| Parent {
            children: (0..3).map(|number| Strong::new(Child(Weak::clone(parent), number))).collect(),
            fuse: detonator.fuse(),
        });
        match parent.try_deep_clone() {
            Ok(copy) => {
                for child in &copy.children {
                    assert!(Strong::ptr_eq(&child.0.upgrade().expect("the parent lives"), &copy));
                }
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Incomplete);
                assert!(error.to_string().contains("derive"), "{error}");
            }
        }
        assert_eq!((detonator.live(), Strong::weak_count(&parent)), (1, 3));
    }

    #[test]
    fn odd_fields_fail_well_at_every_step() {
        let detonator = Detonator::new();
        let node = || Strong::new(Node { harmless: detonator.fuse(), plain: Slot::default(), odd: Slot::default() });
        let (a, b, c) = (node(), node(), node());
        *open(&a.plain) = Some(b.clone());
        *open(&b.plain) = Some(a.clone());
        *open(&a.odd) = Some(c.clone());
        *open(&b.odd) = Some(c.clone());
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..3 {
                detonator.fail_at(step, mode, || a.try_deep_clone());
                assert_eq!(detonator.live(), 3);
                assert_eq!((Strong::strong_count(&a), Strong::strong_count(&c)), (2, 3));
            }
        }
        let copy = a.deep_clone();
        let shared = open(&copy.odd).clone().expect("it is there");
        assert_eq!(counts(&shared), (3, 0));
        for node in [&copy, &a] {
            let cut = open(&node.plain).take();
            drop(cut);
        }
    }
}
