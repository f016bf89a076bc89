//! Boxes whose content is copied later because the stack is deep: nothing of that shows, whatever else happens meanwhile.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::rc::{Rc, Weak};

use allocation_counter::measure;
use deepclone::{DeepClone, Error, ErrorKind, impl_deep_clone};

/// Long enough to be put off several times, with or without optimisation.
const LONG: u32 = 5_000;

thread_local! {
    static DROPPED: Cell<u64> = const { Cell::new(0) };
}

/// How many links were dropped by this thread meanwhile.
fn dropped_by<R>(work: impl FnOnce() -> R) -> (u64, R) {
    let before = DROPPED.get();
    let result = work();
    (DROPPED.get() - before, result)
}

/// A chain of boxes with something at its end.
#[derive(DeepClone)]
struct Link<E> {
    number: u32,
    name: String,
    next: Option<Box<Link<E>>>,
    end: Option<E>,
}

type Chain<E> = Option<Box<Link<E>>>;

fn chain<E>(length: u32, end: E) -> Chain<E> {
    let mut end = Some(end);
    (0..length).fold(None, |next, number| {
        let name = format!("link {number}");
        let end = end.take();
        Some(Box::new(Link {
            number,
            name,
            next,
            end,
        }))
    })
}

fn links<E>(chain: &Chain<E>) -> impl Iterator<Item = &Link<E>> {
    std::iter::successors(chain.as_deref(), |link| link.next.as_deref())
}

fn end<E>(chain: &Chain<E>) -> &E {
    let last = links(chain).last().expect("a link");
    last.end.as_ref().expect("an end")
}

fn assert_copied<E>(source: &Chain<E>, copy: &Chain<E>) {
    let mut pairs = 0;
    for (source, copy) in links(source).zip(links(copy)) {
        assert_eq!((source.number, &source.name), (copy.number, &copy.name));
        assert!(!std::ptr::eq(source, copy));
        pairs += 1;
    }
    assert_eq!(pairs, links(source).count());
    assert_eq!(pairs, links(copy).count());
}

/// Without recursion.
impl<E> Drop for Link<E> {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
        let mut next = self.next.take();
        while let Some(mut link) = next {
            next = link.next.take();
        }
    }
}

/// Whether a path is that one. A long one is given by its end: a call that fails where something was put off begins again, and has the whole path.
fn is_path(path: &str, expected: &str) -> bool {
    match expected.strip_prefix('…') {
        Some(end) => path.starts_with("Vec[") && path.len() > LONG as usize && path.ends_with(end),
        None => path == expected,
    }
}

/// Fails to clone, leaves nothing allocated, and drops none of what was half-way.
fn fails<T: DeepClone>(source: &T, kind: ErrorKind, path: &str) {
    for _ in 0..2 {
        let mut found = None;
        let info = measure(|| {
            let (dropped, result) = dropped_by(|| source.try_deep_clone().map(drop));
            let error: Error = result.expect_err("fails");
            found = Some((dropped, error.kind(), is_path(error.path(), path)));
        });
        assert_eq!(found, Some((0, kind, true)));
        assert_eq!(info.count_current, 0, "allocations are left");
    }
}

fn assert_equal<T: DeepClone + PartialEq + Debug>(source: &T) {
    assert_eq!(&source.deep_clone(), source);
}

#[test]
fn many_long_chains_beside_each_other_are_copied_whole() {
    let chains: Vec<Chain<u32>> = (0..8).map(|number| chain(LONG, number)).collect();
    let copies = chains.deep_clone();
    for (source, copy) in chains.iter().zip(&copies) {
        assert_copied(source, copy);
        assert_eq!(end(source), end(copy));
    }
}

#[test]
fn what_the_ends_of_chains_share_is_copied_once() {
    let shared = Rc::new(RefCell::new(String::from("shared")));
    let chains: Vec<Chain<Rc<RefCell<String>>>> =
        (0..5).map(|_| chain(LONG, Rc::clone(&shared))).collect();
    let copies = chains.deep_clone();
    let copy = end(&copies[0]);
    assert!(!Rc::ptr_eq(copy, &shared));
    assert_eq!((Rc::strong_count(copy), Rc::strong_count(&shared)), (5, 6));
    assert!(copies.iter().all(|chain| Rc::ptr_eq(end(chain), copy)));
}

#[test]
fn a_weak_edge_before_the_chain_finds_what_its_end_leads_to() {
    let target = Rc::new(7);
    let source = (Rc::downgrade(&target), chain(LONG, Rc::clone(&target)));
    let copy = source.deep_clone();
    let copied = copy.0.upgrade().expect("its target was copied");
    assert!(Rc::ptr_eq(&copied, end(&copy.1)));
    assert!(!Rc::ptr_eq(&copied, &target));
}

/// Written by hand: may look at what it gets.
struct Watcher(Weak<u32>);

impl_deep_clone! { impl for Watcher = |watcher, cloner| {
    let copy = cloner.deep_clone(&watcher.0)?;
    Ok(Watcher(copy.upgrade().map_or(Weak::new(), |target| Rc::downgrade(&target))))
} }

#[test]
fn a_weak_edge_that_was_seen_to_dangle_makes_its_target_incomplete() {
    let target = Rc::new(7);
    let source = (Watcher(Rc::downgrade(&target)), Rc::clone(&target));
    let error = source.try_deep_clone().map(drop).expect_err("seen before");
    assert_eq!(
        (error.kind(), error.type_name()),
        (ErrorKind::Incomplete, "u32")
    );
}

#[test]
fn a_copy_by_hand_after_the_chain_sees_what_its_end_leads_to() {
    for length in [1, LONG] {
        let target = Rc::new(7);
        let source = (
            chain(length, Rc::clone(&target)),
            Watcher(Rc::downgrade(&target)),
        );
        let copy = source.deep_clone();
        let copied = copy.1.0.upgrade().expect("its target was copied before");
        assert!(Rc::ptr_eq(&copied, end(&copy.0)));
    }
}

#[test]
fn boxes_of_slices_and_of_traits_are_put_off_like_others() {
    trait Tree: DeepClone {
        fn below(&self) -> Option<&dyn Tree>;
        fn take_below(&mut self) -> Option<Box<dyn Tree>>;
        fn rows(&self) -> &[Box<[u8]>];
    }
    #[derive(DeepClone)]
    struct Branch {
        rows: Box<[Box<[u8]>]>,
        below: Option<Box<dyn Tree>>,
    }
    impl Tree for Branch {
        fn below(&self) -> Option<&dyn Tree> {
            self.below.as_deref()
        }
        fn take_below(&mut self) -> Option<Box<dyn Tree>> {
            self.below.take()
        }
        fn rows(&self) -> &[Box<[u8]>] {
            &self.rows
        }
    }
    impl Drop for Branch {
        fn drop(&mut self) {
            let mut below = self.below.take();
            while let Some(mut branch) = below {
                below = branch.take_below();
            }
        }
    }
    let mut tree = None;
    for number in 0..LONG {
        let byte = number as u8;
        tree = Some(Box::new(Branch {
            rows: Box::new([Box::new([byte; 3]), Box::new([])]),
            below: tree,
        }) as Box<dyn Tree>);
    }
    let copy = tree.deep_clone();
    let (mut source, mut copied) = (tree.as_deref(), copy.as_deref());
    let mut count = 0;
    while let (Some(one), Some(other)) = (source, copied) {
        assert_eq!(one.rows(), other.rows());
        (source, copied) = (one.below(), other.below());
        count += 1;
    }
    assert_eq!(count, LONG);
    assert!(source.is_none() && copied.is_none());
}

#[test]
fn boxes_of_nothing_lie_in_chains_too() {
    assert_equal(&vec![Box::new(()); 3]);
    let chains: Chain<Vec<Box<()>>> = chain(LONG, vec![Box::new(()); 3]);
    assert_eq!(end(&chains.deep_clone()).len(), 3);
}

#[test]
fn an_error_at_the_end_of_one_chain_leaves_nothing_of_all_the_others() {
    for failing in 0..6 {
        let chains: Vec<Chain<RefCell<String>>> = (0..6)
            .map(|number| chain(LONG, RefCell::new(format!("end {number}"))))
            .collect();
        {
            let _guard = end(&chains[failing]).borrow_mut();
            fails(&chains, ErrorKind::AlreadyBorrowed, "….end");
        }
        let copies = chains.deep_clone();
        assert_eq!(end(&copies[failing]), end(&chains[failing]));
    }
}

#[test]
fn an_error_after_the_chain_leaves_nothing_of_it() {
    let source = (chain(LONG, String::from("end")), RefCell::new(5));
    let guard = source.1.borrow_mut();
    fails(&source, ErrorKind::AlreadyBorrowed, "(_, _).1");
    drop(guard);
    assert_copied(&source.0, &source.deep_clone().0);
}

#[test]
fn an_error_in_front_of_the_end_leaves_nothing_of_what_was_shared() {
    #[derive(DeepClone)]
    struct Both {
        shared: Rc<String>,
        chain: Chain<RefCell<u8>>,
        again: Rc<String>,
    }
    let shared = Rc::new(String::from("shared"));
    let source: Vec<Both> = (0..4)
        .map(|_| Both {
            shared: Rc::clone(&shared),
            chain: chain(LONG, RefCell::new(0)),
            again: Rc::clone(&shared),
        })
        .collect();
    let guard = end(&source[2].chain).borrow_mut();
    fails(&source, ErrorKind::AlreadyBorrowed, "….end");
    drop(guard);
    let copy = source.deep_clone();
    assert_eq!(Rc::strong_count(&copy[0].shared), 8);
    assert!(Rc::ptr_eq(&copy[0].shared, &copy[3].again));
}

/// Panics when it is copied for the first time.
struct Bomb(Cell<bool>);

impl_deep_clone! { impl for Bomb = |bomb, _cloner| {
    assert!(bomb.0.get(), "not yet");
    Ok(Bomb(Cell::new(true)))
} }

#[test]
fn a_panic_at_the_end_of_a_chain_leaves_nothing_of_it() {
    let source: Vec<Chain<Bomb>> = (0..4)
        .map(|number| chain(LONG, Bomb(Cell::new(number != 1))))
        .collect();
    let caught = || {
        let (dropped, result) = dropped_by(|| {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.deep_clone()))
        });
        assert!(result.is_err() && dropped == 0);
    };
    caught();
    let info = measure(caught);
    assert_eq!(info.count_current, 0, "allocations are left");
    end(&source[1]).0.set(true);
    let copies = source.deep_clone();
    assert_copied(&source[3], &copies[3]);
}

#[test]
fn a_chain_in_a_cell_in_a_shared_pointer_or_under_a_limit_is_copied_as_well() {
    let cell = RefCell::new(chain(LONG, 1));
    assert_copied(&cell.borrow(), &cell.deep_clone().borrow());
    let shared = Rc::new((chain(LONG, 2), Rc::new(3)));
    assert_copied(&shared.0, &shared.deep_clone().0);
    let mut session = deepclone::Session::new();
    assert_copied(&shared.0, &session.deep_clone(&shared.0).expect("copied"));
    let list: std::collections::LinkedList<_> = [chain(LONG, 4), chain(LONG, 5)].into();
    for (source, copy) in list.iter().zip(&list.deep_clone()) {
        assert_copied(source, copy);
    }
    let map = std::collections::HashMap::from([(1, chain(LONG, 6)), (2, chain(LONG, 7))]);
    let copy = map.deep_clone();
    assert_copied(&map[&1], &copy[&1]);
    assert_copied(&map[&2], &copy[&2]);
}

#[test]
fn a_map_after_the_chain_hashes_keys_whose_targets_it_leads_to() {
    use std::collections::HashSet;
    #[derive(DeepClone)]
    struct Key(Weak<u32>);
    impl Key {
        fn rank(&self) -> Option<Rc<u32>> {
            self.0.upgrade()
        }
    }
    deepclone_tests::ranked!(Key);
    for length in [1, LONG] {
        let target = Rc::new(9);
        let source = (
            chain(length, Rc::clone(&target)),
            HashSet::from([Key(Rc::downgrade(&target))]),
        );
        let copy = source.deep_clone();
        assert!(copy.1.contains(&Key(Rc::downgrade(end(&copy.0)))));
    }
}

#[test]
fn a_chain_is_seen_by_code_by_hand_at_the_end_of_a_later_one() {
    #[derive(DeepClone)]
    enum End {
        Target(Rc<u32>),
        Watcher(Watcher),
    }
    for length in [1, LONG] {
        let target = Rc::new(7);
        let watcher = Watcher(Rc::downgrade(&target));
        let source = [
            chain(length, End::Target(target)),
            chain(length, End::Watcher(watcher)),
        ];
        let copy = source.deep_clone();
        let [End::Target(target), End::Watcher(watcher)] = copy.each_ref().map(end) else {
            panic!("as in the source");
        };
        let seen = watcher.0.upgrade().expect("its target comes first");
        assert!(Rc::ptr_eq(&seen, target));
    }
}

/// Written by hand, with children that know it.
struct Parent(RefCell<Vec<Rc<Child>>>);

#[derive(DeepClone)]
struct Child {
    parent: RefCell<Weak<Parent>>,
}

impl_deep_clone! { impl for Parent = |parent, cloner| {
    Ok(Parent(RefCell::new(cloner.deep_clone(&*parent.0.borrow())?)))
} }

fn family() -> (Rc<Parent>, Rc<Child>) {
    let parent = Rc::new(Parent(RefCell::default()));
    let child = Rc::new(Child {
        parent: RefCell::new(Rc::downgrade(&parent)),
    });
    parent.0.borrow_mut().push(Rc::clone(&child));
    (parent, child)
}

fn assert_related(parent: &Rc<Parent>, child: &Rc<Child>) {
    assert!(Rc::ptr_eq(&parent.0.borrow()[0], child));
    let back = child.parent.borrow().upgrade().expect("its parent");
    assert!(Rc::ptr_eq(&back, parent));
}

#[test]
fn a_parent_by_hand_at_the_end_of_a_chain_is_entered_before_what_comes_behind_the_chain() {
    for length in [1, LONG] {
        let (parent, child) = family();
        let source = (chain(length, parent), child);
        let copy = source.deep_clone();
        assert_related(end(&copy.0), &copy.1);

        let weak = Rc::downgrade(end(&source.0));
        let source = (source.0, weak);
        let copy = source.deep_clone();
        let parent = copy.1.upgrade().expect("it was copied");
        assert!(Rc::ptr_eq(&parent, end(&copy.0)));
        let child = Rc::clone(&parent.0.borrow()[0]);
        assert_related(&parent, &child);
    }
}

#[test]
fn user_code_behind_what_was_put_off_runs_once() {
    thread_local! {
        static RUNS: Cell<u32> = const { Cell::new(0) };
    }
    fn counted(number: &u32) -> u32 {
        RUNS.set(RUNS.get() + 1);
        *number
    }
    #[derive(DeepClone)]
    struct Counted(#[deepclone(with = counted)] u32);
    for length in [1, LONG] {
        RUNS.set(0);
        let source = (chain(length, Counted(1)), Counted(2), Counted(3));
        let copy = source.deep_clone();
        assert_eq!((RUNS.get(), copy.1.0, copy.2.0), (3, 2, 3));
        assert_copied(&source.0, &copy.0);
    }
}
