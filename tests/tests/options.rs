//! Limits and policies of a session, to the unit, and what its statistics say about graphs that are known.

use std::ffi::{CStr, OsStr};
use std::path::Path;

use deepclone::{
    DeepClone, Error, ErrorKind, ImmutablePolicy, LockPolicy, Options, PoisonPolicy, Session, Stats,
};
use deepclone_tests::each_family;

#[test]
fn the_default_is_no_limits_and_the_strictest_policies() {
    let spelled_out = Options::new()
        .locks(LockPolicy::Block)
        .poison(PoisonPolicy::Error)
        .immutable(ImmutablePolicy::Copy)
        .max_objects(usize::MAX)
        .max_bytes(usize::MAX)
        .max_depth(usize::MAX);
    assert_eq!(Options::new(), Options::default());
    assert_eq!(Options::new(), spelled_out);
    assert_eq!(LockPolicy::default(), LockPolicy::Block);
    assert_eq!(PoisonPolicy::default(), PoisonPolicy::Error);
    assert_eq!(ImmutablePolicy::default(), ImmutablePolicy::Copy);
}

fn clone<T: DeepClone>(options: Options, value: &T) -> Result<(T, Stats), Error> {
    let mut session = Session::with_options(options);
    let copy = session.deep_clone(value)?;
    Ok((copy, session.stats()))
}

fn stats<T: DeepClone>(value: &T) -> Stats {
    clone(Options::new(), value).expect("no limits").1
}

/// `value` is cloned at the limit and refused below it.
#[track_caller]
fn assert_limit<T: DeepClone>(value: &T, limit: usize, set: impl Fn(Options, usize) -> Options) {
    assert!(
        clone(set(Options::new(), limit), value).is_ok(),
        "at {limit}"
    );
    if limit > 0 {
        let error = clone(set(Options::new(), limit - 1), value)
            .err()
            .expect("one too many");
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert!(error.to_string().contains("\nhelp: "));
    }
}

#[test]
fn plain_data_is_within_every_limit() {
    let strict = Options::new().max_objects(0).max_bytes(0).max_depth(0);
    assert_eq!(
        clone(strict, &(1, 'a', [2.5_f32; 3]))
            .expect("nothing to count")
            .1,
        Stats::default()
    );
}

#[test]
fn buffers_count_by_their_length() {
    let mut roomy = Vec::with_capacity(1_000);
    roomy.extend([1_u32, 2, 3]);
    for (bytes, expected) in [
        (stats(&vec![0_u8; 50]).bytes, 50),
        (stats(&roomy).bytes, 12),
        (
            stats(&vec![vec![1_u8; 3], vec![], vec![2; 4]]).bytes,
            3 * size_of::<Vec<u8>>() as u64 + 7,
        ),
        (stats(&"hello".to_owned()).bytes, 5),
        (stats(&Vec::<u64>::new()).bytes, 0),
    ] {
        assert_eq!(bytes, expected);
    }
    assert_limit(&roomy, 12, Options::max_bytes);
    assert_limit(
        &vec!["ab".to_owned(), "c".to_owned()],
        2 * size_of::<String>() + 3,
        Options::max_bytes,
    );
}

#[test]
fn depth_counts_boxes_and_containers() {
    assert_limit(&Box::new(1), 1, Options::max_depth);
    assert_limit(&Box::new(Box::new(Box::new(1))), 3, Options::max_depth);
    assert_limit(&vec![Box::new(1)], 2, Options::max_depth);
    assert_limit(
        &(1, Some(std::cell::RefCell::new([vec![1], vec![]]))),
        1,
        Options::max_depth,
    );
    assert_limit(
        &std::collections::BTreeMap::from([(1, vec![Box::new(2)])]),
        3,
        Options::max_depth,
    );
}

each_family! {
    #[derive(DeepClone)]
    struct Node {
        bytes: [u8; 40],
        next: Slot<Option<Strong<Node>>>,
        parent: Slot<Weak<Node>>,
    }

    fn node() -> Strong<Node> {
        Strong::new(Node { bytes: [0; 40], next: Slot::default(), parent: Slot::default() })
    }

    /// Each leads to the next; the last to the first, if `closed`.
    fn nodes(count: usize, closed: bool) -> Vec<Strong<Node>> {
        let nodes: Vec<_> = (0..count).map(|_| node()).collect();
        for pair in nodes.windows(2) {
            *open(&pair[0].next) = Some(pair[1].clone());
            *open(&pair[1].parent) = Strong::downgrade(&pair[0]);
        }
        if closed {
            *open(&nodes[count - 1].next) = Some(nodes[0].clone());
        }
        nodes
    }

    fn cut(node: &Strong<Node>) {
        let mut next = open(&node.next).take();
        while let Some(node) = next {
            next = open(&node.next).take();
        }
    }

    const SIZE: u64 = size_of::<Node>() as u64;

    #[test]
    fn shared_objects_are_counted_once_and_their_edges_each() {
        let leaf = Strong::new(5_u64);
        let Stats { objects, shared_edges, cycles, bytes, .. } = stats(&vec![leaf.clone(); 5]);
        assert_eq!((objects, shared_edges, cycles), (1, 4, 0));
        assert_eq!(bytes, 8 + 5 * size_of::<Strong<u64>>() as u64);
        let Stats { objects, shared_edges, cycles, bytes, .. } =
            stats(&(leaf.clone(), Strong::new(leaf.clone()), Strong::new([1_u8; 3]), Strong::<str>::from("four")));
        assert_eq!((objects, shared_edges, cycles), (4, 1, 0));
        assert_eq!(bytes, 8 + size_of::<Strong<u64>>() as u64 + 3 + 4);
    }

    #[test]
    fn a_chain_with_weak_parents_has_no_shared_edges_and_a_ring_has_one_cycle() {
        for count in [1, 2, 10] {
            let chain = nodes(count, false);
            let Stats { objects, shared_edges, cycles, bytes, .. } = stats(&chain[0]);
            assert_eq!((objects, shared_edges, cycles), (count as u64, 0, 0));
            assert_eq!(bytes, SIZE * count as u64);
            let ring = nodes(count, true);
            let (copy, stats) = clone(Options::new(), &ring[0]).expect("no limits");
            assert_eq!((stats.objects, stats.shared_edges, stats.cycles), (count as u64, 1, 1));
            assert_eq!(stats.bytes, SIZE * count as u64);
            cut(&copy);
            cut(&ring[0]);
        }
    }

    #[test]
    fn statistics_add_up_over_the_calls_of_a_session() {
        let (first, second) = (nodes(3, false), nodes(2, false));
        let mut session = Session::new();
        let _a = session.deep_clone(&first[0]).expect("no limits");
        let _b = session.deep_clone(&second[0]).expect("no limits");
        let _c = session.deep_clone(&first[1]).expect("no limits");
        let Stats { objects, shared_edges, cycles, bytes, .. } = session.stats();
        assert_eq!((objects, shared_edges, cycles, bytes), (5, 1, 0, SIZE * 5));
    }

    #[test]
    fn objects_are_limited_to_the_one() {
        for count in [1, 4] {
            for closed in [false, true] {
                let ring = nodes(count, closed);
                let limited = |options: Options, limit| options.max_objects(limit);
                let at = clone(limited(Options::new(), count), &ring[0]).expect("as many as allowed");
                cut(&at.0);
                let error = clone(limited(Options::new(), count - 1), &ring[0]).err().expect("one too many");
                assert_eq!(error.kind(), ErrorKind::LimitExceeded);
                assert!(error.type_name().contains("Node"), "{}", error.type_name());
                let strong = if closed || count == 1 { 2 } else { 1 };
                assert!(Strong::strong_count(&ring[0]) <= strong);
                assert!(ring.iter().all(|node| is_at_rest(&node.next) && is_at_rest(&node.parent)));
                cut(&ring[0]);
            }
        }
        // Unique ones and those that only weak edges ask for.
        assert_limit(&vec![Strong::new(1), Strong::new(2)], 2, Options::max_objects);
        let outside = [Strong::new(1), Strong::new(2), Strong::new(3)];
        let weak = (outside.each_ref().map(Strong::downgrade), Strong::new(4));
        assert_limit(&weak, 4, Options::max_objects);
        assert_eq!(stats(&weak).objects, 1, "only what was placed");
    }

    #[test]
    fn bytes_are_limited_to_the_one() {
        let chain = nodes(3, false);
        assert_limit(&chain[0], 3 * SIZE as usize, Options::max_bytes);
        assert_limit(&Strong::<[u16]>::from([1, 2, 3]), 6, Options::max_bytes);
        let outside = Strong::new([0_u8; 30]);
        assert_limit(&Strong::downgrade(&outside), 30, Options::max_bytes);
    }

    #[test]
    fn failed_calls_give_back_what_they_used() {
        let chain = nodes(3, false);
        let mut session = Session::with_options(Options::new().max_objects(4).max_bytes(4 * SIZE as usize));
        for _ in 0..3 {
            let error = session.deep_clone(&(chain[0].clone(), node(), node())).err().expect("five");
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
            assert_eq!(session.stats(), Stats::default());
        }
        let _copy = session.deep_clone(&chain[0]).expect("three");
        let _same = session.deep_clone(&(chain[1].clone(), chain[0].clone())).expect("the same");
        let _one = session.deep_clone(&node()).expect("four");
        assert!(session.deep_clone(&node()).is_err());
        assert_eq!(session.stats().objects, 4);
    }

    #[test]
    fn what_weak_edges_asked_for_in_vain_is_given_back() {
        let outside = [Strong::new(1), Strong::new(2)];
        let mut session = Session::with_options(Options::new().max_objects(2));
        for _ in 0..3 {
            let weak = session.deep_clone(&outside.each_ref().map(Strong::downgrade)).expect("two");
            assert!(weak.iter().all(|weak| weak.upgrade().is_none()));
        }
        assert_eq!(session.stats().objects, 0);
    }

    #[test]
    fn depth_counts_shared_pointers_on_the_path_that_comes_first() {
        assert_limit(&nodes(4, false)[0], 4, Options::max_depth);
        let leaf = Strong::new(vec![1]);
        let long = Box::new(Box::new(Box::new(leaf.clone())));
        assert_limit(&(leaf.clone(), long.clone()), 3, Options::max_depth);
        assert_limit(&(long, leaf), 5, Options::max_depth);
        // Far below what the stack holds.
        let chain = nodes(30_000, false);
        let copy = clone(Options::new().max_depth(30_000), &chain[0]).expect("as deep as allowed").0;
        cut(&copy);
        let error = clone(Options::new().max_depth(29_999), &chain[0]).err().expect("one too deep");
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        cut(&chain[0]);
    }

    #[test]
    fn immutable_data_is_shared_where_that_was_asked_for_and_nothing_else_is() {
        let text: Strong<str> = "text".into();
        let bytes: Strong<[u8]> = [1, 2].into();
        let path: Strong<Path> = Path::new("/a/b").into();
        let os: Strong<OsStr> = OsStr::new("os").into();
        let c: Strong<CStr> = c"c".into();
        let words: Strong<[u16]> = [1, 2].into();
        let string = Strong::new("string".to_owned());
        let number = Strong::new(5_u8);
        let source = (
            (text.clone(), bytes.clone(), path.clone(), os.clone(), c.clone()),
            (words.clone(), string.clone(), number.clone()),
            (Strong::downgrade(&text), Strong::downgrade(&words)),
        );
        let shared = clone(Options::new().immutable(ImmutablePolicy::Share), &source).expect("no limits").0;
        assert!(Strong::ptr_eq(&shared.0.0, &text) && Strong::ptr_eq(&shared.0.1, &bytes));
        assert!(Strong::ptr_eq(&shared.0.2, &path) && Strong::ptr_eq(&shared.0.3, &os));
        assert!(Strong::ptr_eq(&shared.0.4, &c));
        assert!(!Strong::ptr_eq(&shared.1.0, &words) && !Strong::ptr_eq(&shared.1.1, &string));
        assert!(!Strong::ptr_eq(&shared.1.2, &number));
        assert!(Strong::ptr_eq(&shared.2.0.upgrade().expect("it stays on the source"), &text));
        assert!(Strong::ptr_eq(&shared.2.1.upgrade().expect("it was reached"), &shared.1.0));
        assert_eq!(counts(&text), (3, 2));
        let copied = clone(Options::new(), &source).expect("no limits").0;
        assert!(!Strong::ptr_eq(&copied.0.0, &text) && *copied.0.0 == *text);
        assert!(!Strong::ptr_eq(&copied.0.2, &path) && *copied.0.2 == *path);
        assert!(!Strong::ptr_eq(&copied.0.4, &c) && *copied.0.4 == *c);
        drop((shared, copied));
        assert_eq!(counts(&text), (2, 1));
    }

    #[test]
    fn the_view_that_is_met_first_decides_whether_immutable_data_is_shared() {
        let text: Strong<str> = "text".into();
        let bytes: Strong<[u8]> = text.clone().into();
        let options = Options::new().immutable(ImmutablePolicy::Share);
        let (a, b) = clone(options, &(text.clone(), bytes.clone())).expect("no limits").0;
        assert!(Strong::ptr_eq(&a, &text) && Strong::ptr_eq(&b, &bytes));
        let array: Strong<[u8; 3]> = Strong::new([1, 2, 3]);
        let slice: Strong<[u8]> = array.clone();
        let (a, b) = clone(options, &(array.clone(), slice.clone())).expect("no limits").0;
        assert!(!Strong::ptr_eq(&a, &array) && std::ptr::addr_eq(Strong::as_ptr(&a), Strong::as_ptr(&b)));
        let (b, a) = clone(options, &(slice.clone(), array.clone())).expect("no limits").0;
        assert!(Strong::ptr_eq(&b, &slice) && Strong::ptr_eq(&a, &array));
    }
}

#[test]
fn pointees_met_under_a_lock_are_put_off_and_counted() {
    use std::sync::{Arc, Mutex};
    let source = Mutex::new(vec![Arc::new(1), Arc::new(2), Arc::new(3)]);
    let Stats {
        objects,
        shared_edges,
        deferred,
        ..
    } = stats(&source);
    assert_eq!((objects, shared_edges, deferred), (3, 0, 3));
    assert_eq!(stats(&vec![Arc::new(1)]).deferred, 0);
}
