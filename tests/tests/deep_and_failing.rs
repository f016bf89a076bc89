//! Deep values of every kind of container that fail at the end: what was placed is taken apart on as little stack as it was placed on.

use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};

use deepclone::{DeepClone, Error, ErrorKind, impl_deep_clone};

/// Copied after what lies beside it. Fails if it is to.
struct Last {
    fails: bool,
}

impl_deep_clone! {
    impl for Last = |last, _cloner| {
        if last.fails {
            return Err(Error::custom("the last of all"));
        }
        Ok(Last { fails: false })
    }
}

macro_rules! nests {
    ($($name:ident: $container:ty, $put:expr, $take:expr;)*) => { $(
        mod $name {
            use super::*;

            type Container = $container;

            #[derive(DeepClone)]
            struct Level {
                inner: Container,
                last: Last,
            }

            const PUT: fn(&mut Container, Level) = $put;
            const TAKE: fn(&mut Container) -> Option<Level> = $take;

            /// Nobody's `Drop` goes that deep.
            fn dismantle(level: Level) -> usize {
                let mut levels = 1;
                let mut next = level;
                while let Some(inner) = TAKE(&mut next.inner) {
                    next = inner;
                    levels += 1;
                }
                levels
            }

            #[test]
            fn comes_back_as_an_error_from_any_depth() {
                on_little_stack(|| {
                    let mut level = Level { inner: Container::default(), last: Last { fails: false } };
                    for _ in 1..DEPTH {
                        let mut inner = Container::default();
                        PUT(&mut inner, level);
                        level = Level { inner, last: Last { fails: false } };
                    }
                    assert_eq!(dismantle(level.deep_clone()), DEPTH);
                    level.last.fails = true;
                    let error = level.try_deep_clone().map(dismantle).expect_err("it fails");
                    assert_eq!(error.kind(), ErrorKind::Custom);
                    level.last.fails = false;
                    assert_eq!(dismantle(level.deep_clone()), DEPTH);
                    assert_eq!(dismantle(level), DEPTH);
                });
            }
        }
    )* };
}

const DEPTH: usize = 20_000;

fn on_little_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let thread = thread.spawn(work).expect("a thread");
    thread.join().expect("nothing panics");
}

nests! {
    boxes: Option<Box<Level>>, |all, level| *all = Some(Box::new(level)), |all| all.take().map(|level| *level);
    vectors: Vec<Level>, Vec::push, Vec::pop;
    deques: VecDeque<Level>, VecDeque::push_back, VecDeque::pop_back;
    lists: LinkedList<Level>, LinkedList::push_back, LinkedList::pop_back;
    hash_maps: HashMap<u8, Level>, |all, level| { all.insert(7, level); }, |all| all.remove(&7);
    tree_maps: BTreeMap<u8, Level>, |all, level| { all.insert(7, level); }, |all| all.remove(&7);
    large_pairs: HashMap<u8, (Option<Box<Level>>, [u64; 400])>,
        |all, level| { all.insert(7, (Some(Box::new(level)), [7; 400])); },
        |all| all.remove(&7).and_then(|(level, _)| level.map(|level| *level));
}

/// Of more than what is copied by a loop.
type Large = [u64; 4_000];

#[test]
fn empty_rows_of_large_values_stay_empty() {
    use std::rc::Rc;
    use std::sync::{Arc, Mutex};

    assert!(Vec::<Large>::new().deep_clone().is_empty());
    assert!(Rc::<[Large]>::from([]).deep_clone().is_empty());
    assert!(Arc::<[Large]>::from([]).deep_clone().is_empty());
    assert!(Box::<[Large]>::from([]).deep_clone().is_empty());
    assert!(VecDeque::<Large>::new().deep_clone().is_empty());
    let mut deque = VecDeque::with_capacity(4);
    deque.push_back([7; 4_000]);
    assert_eq!(deque.deep_clone(), deque);
    let beside: Box<([Large; 0], String)> = Box::new(([], "beside".to_owned()));
    assert_eq!(beside.deep_clone().1, "beside");
    let beside: ([Large; 0], Vec<u8>) = ([], vec![1, 2, 3]);
    assert_eq!(beside.deep_clone().1, [1, 2, 3]);
    let locked = Arc::new(Mutex::new((Vec::<Large>::new(), 5)));
    assert_eq!(locked.deep_clone().lock().expect("nobody panics").1, 5);
}

/// Cells in cells, with a map under each: what lies under a guard is looked at when the outermost is closed, and not at each.
mod guards {
    use std::cell::{OnceCell, RefCell};
    use std::rc::Rc;

    use super::*;

    type Map = HashMap<u32, Rc<u32>>;

    #[derive(DeepClone)]
    struct Level {
        next: RefCell<Option<Box<Level>>>,
        list: RefCell<LinkedList<Map>>,
        map: RefCell<Map>,
        once: RefCell<OnceCell<Vec<Map>>>,
    }

    #[test]
    fn as_many_guards_as_levels_are_closed_in_linear_time() {
        on_little_stack(|| {
            let map = || HashMap::from([(1, Rc::new(1))]);
            let mut next = None;
            for _ in 0..DEPTH {
                next = Some(Box::new(Level {
                    next: RefCell::new(next),
                    list: RefCell::new(LinkedList::from([map()])),
                    map: RefCell::new(map()),
                    once: RefCell::new(OnceCell::from(vec![map()])),
                }));
            }
            let copy = next.deep_clone();
            for chain in [next, copy] {
                let mut levels = 0;
                let mut next = chain;
                while let Some(level) = next {
                    assert_eq!(
                        (level.list.borrow().len(), level.map.borrow().len()),
                        (1, 1)
                    );
                    assert!(
                        level
                            .once
                            .borrow()
                            .get()
                            .is_some_and(|maps| maps[0].len() == 1)
                    );
                    next = level.next.into_inner();
                    levels += 1;
                }
                assert_eq!(levels, DEPTH);
            }
        });
    }
}

/// A chain of containers with one key each, which leads to all that comes before. Nobody compares it: so nobody has to walk there.
#[test]
fn chains_of_single_keys_are_copied_in_linear_time() {
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::rc::Rc;

    #[derive(DeepClone, Default)]
    struct Link {
        number: usize,
        bare: BTreeSet<Key>,
        under_two: RefCell<Option<RefCell<BTreeSet<Key>>>>,
    }

    #[derive(DeepClone, Clone)]
    struct Key(Rc<Link>);

    impl Key {
        fn rank(&self) -> usize {
            self.0.number
        }
    }

    deepclone_tests::ranked!(Key);

    let mut chain = Rc::new(Link::default());
    for number in 1..DEPTH {
        let key = Key(chain);
        let set = || BTreeSet::from([key.clone()]);
        let (bare, under_two) = (set(), RefCell::new(Some(RefCell::new(set()))));
        chain = Rc::new(Link {
            number,
            bare,
            under_two,
        });
    }
    let copy = chain.deep_clone();
    for chain in [chain, copy] {
        let mut links = 1;
        let mut next = chain;
        while let Some(key) = Rc::get_mut(&mut next).and_then(|link| {
            link.under_two.take();
            link.bare.pop_first()
        }) {
            next = key.0;
            links += 1;
        }
        assert_eq!(links, DEPTH);
    }
}
