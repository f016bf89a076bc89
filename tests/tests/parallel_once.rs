//! Copies made by several threads: user code runs once for each value, whichever thread has to leave its work to another.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock, Weak};

use deepclone::{Cloner, DeepClone, Error, ParDeepClone};
use deepclone_tests::pools::on_pools;

/// A test counts what is made; others must not make anything meanwhile.
static TURN: Mutex<()> = Mutex::new(());
static MADE: AtomicUsize = AtomicUsize::new(0);
static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// What user code makes: counted when it is made, and as long as it lives.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Token {
    name: String,
}

impl Token {
    fn new(number: usize) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self {
            name: number.to_string(),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        MADE.fetch_add(1, Ordering::Relaxed);
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self {
            name: self.name.clone(),
        }
    }
}

fn again(token: &Token) -> Token {
    token.clone()
}

fn by_hand(number: &usize, _: &mut Cloner<'_>) -> Result<usize, Error> {
    MADE.fetch_add(1, Ordering::Relaxed);
    Ok(*number)
}

#[derive(DeepClone)]
enum Part {
    Plain(usize),
    Hand(#[deepclone(try_with = by_hand)] usize),
}

#[derive(DeepClone)]
struct Element {
    #[deepclone(clone)]
    first: Token,
    boxed: Box<Row>,
    named: BTreeMap<Key, Row>,
    last: Part,
}

#[derive(DeepClone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    #[deepclone(clone)]
    token: Token,
}

#[derive(DeepClone)]
struct Row {
    #[deepclone(with = again)]
    token: Token,
    shared: Arc<Shared>,
}

#[derive(DeepClone)]
struct Shared {
    #[deepclone(clone)]
    token: Token,
    list: Vec<u64>,
    part: Part,
}

fn shared(number: usize, part: Part) -> Arc<Shared> {
    Arc::new(Shared {
        token: Token::new(number),
        list: vec![number as u64; 2000],
        part,
    })
}

fn element(number: usize, shared: &Arc<Shared>, last: Part) -> Element {
    let row = |number| Row {
        token: Token::new(number),
        shared: shared.clone(),
    };
    let key = Key {
        token: Token::new(number),
    };
    Element {
        first: Token::new(number),
        boxed: Box::new(row(number)),
        named: BTreeMap::from([(key, row(number))]),
        last,
    }
}

fn check(source: &[Element], copy: &[Element]) {
    assert_eq!(source.len(), copy.len());
    for (source, copy) in source.iter().zip(copy) {
        assert_eq!(source.first, copy.first);
        assert_eq!(source.boxed.token, copy.boxed.token);
        let (from, to) = (&source.boxed.shared, &copy.boxed.shared);
        assert!(!Arc::ptr_eq(from, to));
        assert_eq!((&from.token, &from.list), (&to.token, &to.list));
        assert_eq!(Arc::strong_count(from), Arc::strong_count(to));
        let (key, row) = copy.named.first_key_value().unwrap();
        assert_eq!(key.token, source.first);
        assert!(Arc::ptr_eq(&row.shared, to));
        let (Part::Plain(number) | Part::Hand(number)) = copy.last;
        assert_eq!(number.to_string(), copy.first.name);
    }
}

/// Elements and what they share, with a part by hand in every so many of either.
fn source(count: usize, hands: usize, shared_hands: usize) -> Vec<Element> {
    let part = |number: usize, every: usize| {
        if number % every == every - 1 {
            Part::Hand(number)
        } else {
            Part::Plain(number)
        }
    };
    let all: Vec<_> = (0..count / 2)
        .map(|number| shared(number, part(number, shared_hands)))
        .collect();
    (0..count)
        .map(|number| element(number, &all[number * 7 % all.len()], part(number, hands)))
        .collect()
}

/// What is made for a copy.
fn expected(source: &[Element]) -> usize {
    let mut count = 0;
    let mut met = Vec::new();
    for element in source {
        count += 4 + usize::from(matches!(element.last, Part::Hand(_)));
        let shared = &element.boxed.shared;
        if !met.contains(&Arc::as_ptr(shared)) {
            met.push(Arc::as_ptr(shared));
            count += 1 + usize::from(matches!(shared.part, Part::Hand(_)));
        }
    }
    count
}

#[test]
fn what_is_made_before_a_part_by_hand_is_made_once() {
    let _turn = TURN.lock().unwrap();
    on_pools([1, 2, 8], || {
        for (hands, shared_hands) in [
            (1, 1000),
            (3, 1000),
            (90, 1000),
            (1000, 3),
            (1000, 80),
            (170, 90),
        ] {
            let source = source(400, hands, shared_hands);
            let alive = ALIVE.load(Ordering::Relaxed);
            let expected = expected(&source);
            for _ in 0..3 {
                let before = MADE.load(Ordering::Relaxed);
                let copy = source.par_deep_clone();
                assert_eq!(MADE.load(Ordering::Relaxed) - before, expected);
                check(&source, &copy);
                drop(copy);
                assert_eq!(ALIVE.load(Ordering::Relaxed), alive);
            }
        }
    });
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}

static FUSE: AtomicUsize = AtomicUsize::new(usize::MAX);

fn fused(token: &Token) -> Token {
    assert_ne!(
        token.name,
        FUSE.load(Ordering::Relaxed).to_string(),
        "the fuse has burnt down"
    );
    token.clone()
}

#[derive(DeepClone)]
struct Fused {
    #[deepclone(with = fused)]
    token: Token,
    list: Vec<u64>,
    next: Mutex<Option<Arc<Fused>>>,
}

#[test]
fn a_panic_in_what_is_shared_leaves_nothing() {
    let _turn = TURN.lock().unwrap();
    on_pools([1, 2, 8], || {
        let all: Vec<Arc<Fused>> = (0..200)
            .map(|number| {
                Arc::new(Fused {
                    token: Token::new(number),
                    list: vec![1; 4000],
                    next: Mutex::new(None),
                })
            })
            .collect();
        for (number, node) in all.iter().enumerate() {
            *node.next.lock().unwrap() = Some(all[(number + 1) % 200].clone());
        }
        let source: Vec<(Token, Arc<Fused>)> = Vec::new();
        drop(source);
        let alive = ALIVE.load(Ordering::Relaxed);
        for fuse in (0..200).step_by(7) {
            FUSE.store(fuse, Ordering::Relaxed);
            let panicked = catch_unwind(AssertUnwindSafe(|| all.try_par_deep_clone().map(drop)));
            let payload = panicked.unwrap_err();
            assert!(
                payload
                    .downcast_ref::<String>()
                    .unwrap()
                    .contains("the fuse has burnt down")
            );
            assert_eq!(ALIVE.load(Ordering::Relaxed), alive);
            assert!(all.iter().all(|node| Arc::strong_count(node) == 2));
            assert!(all.iter().all(|node| Arc::weak_count(node) == 0));
        }
        FUSE.store(usize::MAX, Ordering::Relaxed);
        let before = MADE.load(Ordering::Relaxed);
        let copy = all.par_deep_clone();
        assert_eq!(MADE.load(Ordering::Relaxed) - before, 200);
        for (number, node) in copy.iter().enumerate() {
            let next = node.next.lock().unwrap().take().unwrap();
            assert!(Arc::ptr_eq(&next, &copy[(number + 1) % 200]));
            assert_eq!(node.list, all[number].list);
        }
        for node in &all {
            node.next.lock().unwrap().take();
        }
    });
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}

#[test]
fn what_an_arc_root_holds_is_copied_by_all_threads() {
    #[derive(DeepClone)]
    struct State {
        rows: Vec<Element>,
        index: HashMap<String, Arc<Shared>>,
        inner: RwLock<Vec<String>>,
    }
    let _turn = TURN.lock().unwrap();
    on_pools([1, 2, 8], || {
        let rows = source(300, 50, 70);
        let index = rows
            .iter()
            .map(|row| (row.first.name.clone(), row.boxed.shared.clone()))
            .collect();
        let inner = RwLock::new((0..100).map(|number| number.to_string()).collect());
        let state = Arc::new(State { rows, index, inner });
        let expected = expected(&state.rows);
        let before = MADE.load(Ordering::Relaxed);
        let copy = state.par_deep_clone();
        assert_eq!(MADE.load(Ordering::Relaxed) - before, expected);
        check(&state.rows, &copy.rows);
        assert_eq!(copy.index.len(), 300);
        for row in &copy.rows {
            assert!(Arc::ptr_eq(&copy.index[&row.first.name], &row.boxed.shared));
        }
        assert_eq!(*copy.inner.read().unwrap(), *state.inner.read().unwrap());
        assert_eq!(
            (Arc::strong_count(&copy), Arc::strong_count(&state)),
            (1, 1)
        );
        let slice: Arc<[Token2]> = (0..100).map(Token2).collect();
        assert_eq!(slice.par_deep_clone(), slice);
    });
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}

#[derive(DeepClone, Debug, PartialEq)]
struct Token2(usize);

#[test]
fn a_long_list_that_all_elements_share_is_copied_once() {
    on_pools([1, 2, 8], || {
        let list: Arc<Vec<String>> = Arc::new((0..40_000).map(|n: u32| n.to_string()).collect());
        let source: Vec<(Arc<Vec<String>>, String)> = (0..100)
            .map(|n: u32| (list.clone(), n.to_string()))
            .collect();
        let copy = source.par_deep_clone();
        assert_eq!(*copy[0].0, *list);
        assert!(
            copy.iter()
                .all(|element| Arc::ptr_eq(&element.0, &copy[0].0))
        );
        assert_eq!(Arc::strong_count(&copy[0].0), 100);
        assert_eq!((Arc::strong_count(&list), Arc::weak_count(&list)), (101, 0));
    });
}

#[test]
fn what_was_met_before_a_collection_is_known_to_all_threads() {
    struct Hand(Arc<Shared>);
    deepclone::impl_deep_clone! { impl for Hand = |hand, cloner| Ok(Hand(cloner.deep_clone(&hand.0)?)) }
    #[derive(DeepClone)]
    struct State {
        weak: [Weak<Shared>; 2],
        by_hand: Vec<Hand>,
        strong: Option<Arc<Shared>>,
        rows: Vec<Row>,
        more: HashMap<usize, Arc<Shared>>,
    }
    let _turn = TURN.lock().unwrap();
    on_pools([1, 2, 8], || {
        for hands in [0, 1] {
            let all: Vec<_> = (0..80)
                .map(|number| shared(number, Part::Plain(number)))
                .collect();
            let outside = shared(80, Part::Plain(80));
            let state = Arc::new(State {
                weak: [Arc::downgrade(&all[70]), Arc::downgrade(&outside)],
                by_hand: all[60..60 + hands].iter().cloned().map(Hand).collect(),
                strong: Some(all[50].clone()),
                rows: (0..300)
                    .map(|number| Row {
                        token: Token::new(number),
                        shared: all[number % 80].clone(),
                    })
                    .collect(),
                more: (0..80)
                    .map(|number| (number, all[number].clone()))
                    .collect(),
            });
            let before = MADE.load(Ordering::Relaxed);
            let copy = state.par_deep_clone();
            assert_eq!(MADE.load(Ordering::Relaxed) - before, 300 + 80);
            for (number, row) in copy.rows.iter().enumerate() {
                assert_eq!(row.shared.token.name, (number % 80).to_string());
                assert!(Arc::ptr_eq(&row.shared, &copy.more[&(number % 80)]));
            }
            assert!(Arc::ptr_eq(
                &copy.weak[0].upgrade().unwrap(),
                &copy.more[&70]
            ));
            assert!(copy.weak[1].upgrade().is_none());
            assert!(Arc::ptr_eq(copy.strong.as_ref().unwrap(), &copy.more[&50]));
            assert!(
                copy.by_hand
                    .iter()
                    .all(|hand| Arc::ptr_eq(&hand.0, &copy.more[&60]))
            );
            for (number, shared) in all.iter().enumerate() {
                let (from, to) = (
                    Arc::strong_count(shared),
                    Arc::strong_count(&copy.more[&number]),
                );
                assert_eq!(from, to + 1);
                assert_eq!(
                    Arc::weak_count(shared),
                    Arc::weak_count(&copy.more[&number])
                );
            }
        }
    });
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}
