//! Depth is no limit: lists of any length clone on a small stack, and fail on it too.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use std::cell::RefCell;
use std::thread;

use deepclone::{DeepClone, ErrorKind, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// Runs `f` on a thread with a stack of that many bytes.
fn on_a_stack_of(bytes: usize, f: impl FnOnce() + Send + 'static) {
    thread::Builder::new()
        .stack_size(bytes)
        .spawn(f)
        .expect("a thread")
        .join()
        .expect("no panic");
}

const SMALL: usize = 256 * 1024;

/// What the small stack has to bear.
const LONG: u32 = 1_000_000;

/// What a stack of 2 MiB has to bear, in release.
const VERY_LONG: u32 = 10_000_000;

/// A list of boxes. Its `Drop` is a loop, its copy is not.
#[derive(DeepClone)]
struct Boxed {
    number: u32,
    next: Option<Box<Boxed>>,
}

impl Drop for Boxed {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut link) = next {
            next = link.next.take();
        }
    }
}

impl Boxed {
    /// Numbers from `length` down to 1.
    fn list(length: u32) -> Option<Box<Self>> {
        (1..=length).fold(None, |next, number| Some(Box::new(Self { number, next })))
    }
}

fn a_box_list_clones(length: u32) {
    let list = Boxed::list(length);
    let copy = list.deep_clone();
    let mut links = (&list, &copy);
    for number in (1..=length).rev() {
        let (source, copied) = (
            links.0.as_ref().expect("a link"),
            links.1.as_ref().expect("a link"),
        );
        assert_eq!((source.number, copied.number), (number, number));
        assert!(!std::ptr::eq(&**source, &**copied));
        links = (&source.next, &copied.next);
    }
    assert!(links.0.is_none() && links.1.is_none());
}

#[test]
fn a_box_list_of_a_million_clones_on_256_kib() {
    on_a_stack_of(SMALL, || a_box_list_clones(LONG));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "release only: ten million links")]
fn a_box_list_of_ten_million_clones_on_2_mib() {
    on_a_stack_of(2 << 20, || a_box_list_clones(VERY_LONG));
}

#[test]
fn a_box_list_fails_clean_at_its_far_end_on_256_kib() {
    #[derive(DeepClone)]
    struct Armed {
        fuse: Fuse,
        next: Option<Box<Armed>>,
    }

    on_a_stack_of(SMALL, || {
        let length = 300_000;
        let detonator = Detonator::new();
        let mut list = (0..length).fold(None, |next, _| {
            Some(Box::new(Armed {
                fuse: detonator.fuse(),
                next,
            }))
        });
        detonator.arm(length - 1, Mode::Error);
        let error = list.try_deep_clone().err().expect("armed");
        assert_eq!(error.kind(), ErrorKind::Custom);
        assert_eq!(detonator.live(), length as isize);
        detonator.fail_at(length - 1, Mode::Panic, || list.try_deep_clone());
        assert_eq!(detonator.live(), length as isize);
        while let Some(mut link) = list {
            list = link.next.take();
        }
        assert_eq!(detonator.live(), 0);
    });
}

/// Goes on with its copy on a stack of its own.
struct Elsewhere(Option<Box<Boxed>>);

impl_deep_clone! {
    impl for Elsewhere = |here, cloner| {
        stacker::grow(4 * SMALL, || Ok(Elsewhere(cloner.deep_clone(&here.0)?)))
    }
}

/// Goes elsewhere for the first list, and comes back for the second.
struct Twice(Option<Box<Boxed>>, Option<Box<Boxed>>);

impl_deep_clone! {
    impl for Twice = |here, cloner| {
        let first = stacker::grow(4 * SMALL, || cloner.deep_clone(&here.0))?;
        Ok(Twice(first, cloner.deep_clone(&here.1)?))
    }
}

#[test]
fn a_list_clones_on_a_stack_that_code_by_hand_has_gone_to() {
    // Gone when the copy begins, so that a stack fits in above the one that the copy begins on, which is too large for most gaps.
    let room = vec![0_u8; 256 << 20];
    on_a_stack_of(64 << 20, move || {
        drop(room);
        let source = Elsewhere(Boxed::list(LONG / 4));
        let copy = source.deep_clone();
        assert_eq!(copy.0.map(|link| link.number), Some(LONG / 4));
    });
}

#[test]
fn a_list_clones_on_the_stack_that_code_by_hand_has_come_back_to() {
    on_a_stack_of(2 << 20, || {
        let first = Elsewhere(Boxed::list(2000));
        let source = (
            first,
            Boxed::list(LONG),
            Twice(Boxed::list(2000), Boxed::list(LONG)),
        );
        let copy = source.deep_clone();
        let numbers = [&copy.0.0, &copy.1, &copy.2.0, &copy.2.1]
            .map(|list| list.as_ref().map(|link| link.number));
        assert_eq!(numbers, [2000, LONG, 2000, LONG].map(Some));
    });
}

#[test]
fn vectors_in_vectors_clone_and_fail_on_256_kib() {
    #[derive(DeepClone)]
    struct Nested {
        inner: Vec<Nested>,
        end: Option<RefCell<u32>>,
    }

    fn take_apart(nested: Nested) {
        let mut all = vec![nested];
        while let Some(mut nested) = all.pop() {
            all.append(&mut nested.inner);
        }
    }

    on_a_stack_of(SMALL, || {
        let end = Nested {
            inner: Vec::new(),
            end: Some(RefCell::new(1)),
        };
        let nested = (0..100_000).fold(end, |inner, _| Nested {
            inner: vec![inner],
            end: None,
        });
        take_apart(nested.deep_clone());
        let mut innermost = &nested;
        while let Some(inner) = innermost.inner.first() {
            innermost = inner;
        }
        let open = innermost.end.as_ref().expect("the end").borrow_mut();
        let error = nested.try_deep_clone().err().expect("a cell is open");
        drop(open);
        assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
        take_apart(nested.deep_clone());
        take_apart(nested);
    });
}

each_family! {
    /// A list of shared pointers. Its `Drop` is a loop, its copy is not.
    #[derive(DeepClone)]
    struct Shared {
        number: u32,
        next: Slot<Option<Strong<Shared>>>,
    }

    impl Drop for Shared {
        fn drop(&mut self) {
            let mut next = open(&self.next).take();
            while let Some(link) = next {
                next = Strong::into_inner(link).and_then(|link| open(&link.next).take());
            }
        }
    }

    /// As [`Shared`], with its edge in no cell.
    #[derive(DeepClone)]
    struct Frozen {
        number: u32,
        next: Option<Strong<Frozen>>,
    }

    impl Drop for Frozen {
        fn drop(&mut self) {
            let mut next = self.next.take();
            while let Some(link) = next {
                next = Strong::into_inner(link).and_then(|mut link| link.next.take());
            }
        }
    }

    fn a_frozen_list_clones(length: u32) {
        let list = (1..=length).fold(None, |next, number| Some(Strong::new(Frozen { number, next })));
        let copy = list.deep_clone();
        let mut links = (&list, &copy);
        for number in (1..=length).rev() {
            let (source, copied) = (links.0.as_ref().expect("a link"), links.1.as_ref().expect("a link"));
            assert_eq!((source.number, copied.number), (number, number));
            assert!(!Strong::ptr_eq(source, copied));
            assert_eq!(counts(copied), (1, 0));
            assert_eq!(counts(source), (1, 0));
            links = (&source.next, &copied.next);
        }
        assert!(links.0.is_none() && links.1.is_none());
    }

    #[test]
    fn a_list_of_a_million_clones_on_256_kib() {
        on_a_stack_of(SMALL, || a_frozen_list_clones(LONG));
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "release only: ten million links")]
    fn a_list_of_ten_million_clones_on_2_mib() {
        on_a_stack_of(2 << 20, || a_frozen_list_clones(VERY_LONG));
    }

    /// Every link is known by its address, since another edge leads to it.
    #[test]
    fn a_list_whose_links_are_shared_clones_on_256_kib() {
        on_a_stack_of(SMALL, || {
            let length = 100_000;
            let links: Vec<Strong<Shared>> = (0..length)
                .map(|number| Strong::new(Shared { number, next: Slot::default() }))
                .collect();
            for (one, other) in links.iter().zip(&links[1..]) {
                *open(&one.next) = Some(Strong::clone(other));
            }
            // The list as a whole, entered at its head, and all links after it.
            let source = (Strong::clone(&links[0]), links);
            let (head, copies) = source.deep_clone();
            assert!(Strong::ptr_eq(&head, &copies[0]));
            for (number, link) in copies.iter().enumerate() {
                assert_eq!(link.number as usize, number);
                assert_eq!(counts(link), (2, 0));
                if let Some(next) = &*open(&link.next) {
                    assert!(Strong::ptr_eq(next, &copies[number + 1]));
                }
            }
            for link in copies.iter().chain(&source.1) {
                open(&link.next).take();
            }
        });
    }

    #[derive(DeepClone)]
    struct Armed {
        fuse: Fuse,
        gate: RefCell<u32>,
        next: Option<Strong<Armed>>,
    }

    #[test]
    fn a_list_fails_clean_at_its_far_end_on_256_kib() {
        on_a_stack_of(SMALL, || {
            let length = 300_000;
            let detonator = Detonator::new();
            let mut list = (0..length).fold(None, |next, _| {
                Some(Strong::new(Armed { fuse: detonator.fuse(), gate: RefCell::new(0), next }))
            });
            detonator.arm(length - 1, Mode::Error);
            let error = list.try_deep_clone().err().expect("armed");
            assert_eq!(error.kind(), ErrorKind::Custom);
            assert!(error.path().starts_with('…') && error.path().ends_with(".fuse"), "{}", error.path());
            assert_eq!(detonator.live(), length as isize);
            detonator.fail_at(length - 1, Mode::Panic, || list.try_deep_clone());
            assert_eq!(detonator.live(), length as isize);
            let mut at = &list;
            while let Some(link) = at {
                assert_eq!(counts(link), (1, 0));
                assert!(link.gate.try_borrow_mut().is_ok());
                at = &link.next;
            }
            while let Some(link) = list {
                list = Strong::into_inner(link).expect("the only handle").next;
            }
            assert_eq!(detonator.live(), 0);
        });
    }

    /// Without user code: the failure is a cell that is open.
    #[test]
    fn a_plain_list_fails_clean_at_its_far_end_on_256_kib() {
        #[derive(DeepClone)]
        struct Gated {
            gate: RefCell<u32>,
            next: Option<Strong<Gated>>,
        }

        on_a_stack_of(SMALL, || {
            let end = Strong::new(Gated { gate: RefCell::new(0), next: None });
            let mut list = Some(Strong::clone(&end));
            for _ in 0..LONG {
                list = Some(Strong::new(Gated { gate: RefCell::new(0), next: list }));
            }
            let open = end.gate.borrow_mut();
            let error = list.try_deep_clone().err().expect("a cell is open");
            drop(open);
            assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
            assert!(error.path().starts_with('…') && error.path().ends_with(".gate"), "{}", error.path());
            assert_eq!(counts(&end), (2, 0));
            while let Some(link) = list {
                list = Strong::into_inner(link).and_then(|link| link.next);
            }
            assert_eq!(counts(&end), (1, 0));
        });
    }

    /// Both kinds of depth, one inside the other.
    #[test]
    fn boxes_in_shared_pointers_in_vectors_clone_on_256_kib() {
        #[derive(DeepClone)]
        enum Layer {
            End(u32),
            Boxed(Box<Layer>),
            Shared(Strong<Layer>),
            Row(Vec<Layer>),
            Cell(Box<Slot<Option<Layer>>>),
        }

        fn next(layer: Layer) -> Option<Layer> {
            match layer {
                Layer::End(_) => None,
                Layer::Boxed(inner) => Some(*inner),
                Layer::Shared(inner) => Strong::into_inner(inner),
                Layer::Row(mut inner) => inner.pop(),
                Layer::Cell(inner) => open(&inner).take(),
            }
        }

        on_a_stack_of(SMALL, || {
            let depth = 100_000;
            let source = (0..depth).fold(Layer::End(7), |inner, number| match number % 4 {
                0 => Layer::Boxed(Box::new(inner)),
                1 => Layer::Shared(Strong::new(inner)),
                2 => Layer::Row(vec![inner]),
                _ => Layer::Cell(Box::new(Slot::new(Some(inner)))),
            });
            let copy = source.deep_clone();
            for layer in [copy, source] {
                let mut layers = 0;
                let mut at = Some(layer);
                while let Some(layer) = at {
                    if let Layer::End(number) = &layer {
                        assert_eq!(*number, 7);
                    }
                    layers += 1;
                    at = next(layer);
                }
                assert_eq!(layers, depth + 1);
            }
        });
    }

    /// Weak edges alone tie the nodes: nothing is deep.
    #[test]
    fn nodes_tied_by_weak_edges_alone_clone_on_256_kib() {
        #[derive(DeepClone)]
        struct Tied {
            previous: Slot<Weak<Tied>>,
            next: Slot<Weak<Tied>>,
        }

        on_a_stack_of(SMALL, || {
            let length = if cfg!(debug_assertions) { 200_000 } else { 1_000_000 };
            let nodes: Vec<Strong<Tied>> = (0..length)
                .map(|_| Strong::new(Tied { previous: Slot::default(), next: Slot::default() }))
                .collect();
            for (one, other) in nodes.iter().zip(&nodes[1..]) {
                *open(&one.next) = Strong::downgrade(other);
                *open(&other.previous) = Strong::downgrade(one);
            }
            let copies = nodes.deep_clone();
            for (one, other) in copies.iter().zip(&copies[1..]) {
                assert!(Weak::ptr_eq(&open(&one.next), &Strong::downgrade(other)));
                assert!(Weak::ptr_eq(&open(&other.previous), &Strong::downgrade(one)));
            }
            for (number, copy) in copies.iter().enumerate() {
                let ends = usize::from(number == 0) + usize::from(number == length - 1);
                assert_eq!(counts(copy), (1, 2 - ends));
            }
            // One of them alone: nothing is pulled in.
            let one = nodes[length / 2].deep_clone();
            assert!(open(&one.next).upgrade().is_none() && open(&one.previous).upgrade().is_none());
            assert_eq!(counts(&one), (1, 0));
        });
    }
}
