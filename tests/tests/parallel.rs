//! Copies made by several threads.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock, Weak};

use deepclone::{DeepClone, ParDeepClone};
use deepclone_tests::pools::on_pools;

#[test]
fn every_collection_comes_out_as_it_went_in() {
    on_pools([1, 2, 8], || {
        let texts: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        assert_eq!(texts.par_deep_clone(), texts);
        assert_eq!(texts[..37].par_deep_clone(), texts[..37]);
        let boxed: Box<[String]> = texts.clone().into();
        assert_eq!(boxed.par_deep_clone(), boxed);
        let mut deque: VecDeque<String> = texts.iter().cloned().collect();
        deque.rotate_left(300);
        deque.push_front("first".into());
        assert_eq!(deque.par_deep_clone(), deque);
        let map: HashMap<String, Vec<u64>> = texts
            .iter()
            .map(|text| (text.clone(), vec![1; 3]))
            .collect();
        assert_eq!(map.par_deep_clone(), map);
        let tree: BTreeMap<String, Vec<u64>> = map.clone().into_iter().collect();
        assert_eq!(tree.par_deep_clone(), tree);
        let set: HashSet<String> = texts.iter().cloned().collect();
        assert_eq!(set.par_deep_clone(), set);
        let ordered: BTreeSet<String> = texts.iter().cloned().collect();
        assert_eq!(ordered.par_deep_clone(), ordered);
        let plain: Vec<[u64; 4]> = (0..100_000).map(|number| [number; 4]).collect();
        assert_eq!(plain.par_deep_clone(), plain);
        let numbers: HashMap<u64, u64> = (0..1000).map(|number| (number, number)).collect();
        assert_eq!(numbers.par_deep_clone(), numbers);
        assert!(Vec::<String>::new().par_deep_clone().is_empty());
    });
}

static MADE: AtomicUsize = AtomicUsize::new(0);

fn made(number: &usize) -> usize {
    MADE.fetch_add(1, Ordering::Relaxed);
    *number
}

#[derive(DeepClone)]
struct Node {
    #[deepclone(with = made)]
    number: usize,
    edges: Mutex<Vec<Arc<Node>>>,
    parent: RwLock<Weak<Node>>,
    text: String,
}

fn node(number: usize) -> Arc<Node> {
    Arc::new(Node {
        number,
        edges: Mutex::default(),
        parent: RwLock::default(),
        text: number.to_string(),
    })
}

/// A ring with chords: every node leads to the next, to one far away, and weakly to the one before.
fn ring(count: usize) -> Vec<Arc<Node>> {
    let nodes: Vec<_> = (0..count).map(node).collect();
    for (number, node) in nodes.iter().enumerate() {
        let mut edges = node.edges.lock().unwrap();
        edges.push(nodes[(number + 1) % count].clone());
        edges.push(nodes[number * 7 % count].clone());
        let before = &nodes[(number + count - 1) % count];
        *node.parent.write().unwrap() = Arc::downgrade(before);
    }
    nodes
}

fn check_ring(source: &[Arc<Node>], copy: &[Arc<Node>]) {
    let count = source.len();
    for (number, node) in copy.iter().enumerate() {
        assert_eq!(node.number, number);
        assert_eq!(node.text, number.to_string());
        assert!(!Arc::ptr_eq(node, &source[number]));
        let edges = node.edges.lock().unwrap();
        assert!(Arc::ptr_eq(&edges[0], &copy[(number + 1) % count]));
        assert!(Arc::ptr_eq(&edges[1], &copy[number * 7 % count]));
        let parent = node.parent.read().unwrap().upgrade().unwrap();
        assert!(Arc::ptr_eq(&parent, &copy[(number + count - 1) % count]));
        drop(parent);
        assert_eq!(Arc::strong_count(node), Arc::strong_count(&source[number]));
        assert_eq!(Arc::weak_count(node), Arc::weak_count(&source[number]));
        assert_eq!(Arc::weak_count(node), 1);
    }
}

fn cut(nodes: &[Arc<Node>]) {
    for node in nodes {
        node.edges.lock().unwrap().clear();
    }
}

/// A test counts what is made; others must not make anything meanwhile.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn cycles_close_across_pieces_and_each_node_is_made_once() {
    let _turn = TURN.lock().unwrap();
    on_pools([1, 2, 8], || {
        for count in [17, 100, 2000] {
            let source = ring(count);
            let before = MADE.load(Ordering::Relaxed);
            let copy = source.par_deep_clone();
            assert_eq!(MADE.load(Ordering::Relaxed) - before, count);
            check_ring(&source, &copy);
            cut(&copy);
            cut(&source);
        }
    });
}

static THREADS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn note_thread(rows: &VecDeque<String>) -> VecDeque<String> {
    let here = format!("{:?}", std::thread::current().id());
    THREADS.lock().unwrap().insert(here);
    rows.clone()
}

#[derive(DeepClone)]
struct Start {
    node: Option<Arc<Node>>,
    #[deepclone(with = note_thread)]
    rows: VecDeque<String>,
}

#[test]
fn one_start_node_in_every_element_is_copied_once_round_after_round() {
    // Under a sanitizer a part of them tells as much.
    let rounds = std::env::var("STRESS_ROUNDS").map_or(10_000, |rounds| rounds.parse().unwrap());
    let _turn = TURN.lock().unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(8)
        .build()
        .unwrap();
    let nodes = ring(3);
    // The first elements, by which it is judged whether more threads are worth while, lead nowhere.
    let source: Vec<Start> = (0..128)
        .map(|number| Start {
            node: (number >= 64).then(|| nodes[number % 3].clone()),
            rows: vec!["row".into(); 8].into(),
        })
        .collect();
    let before = MADE.load(Ordering::Relaxed);
    for _ in 0..rounds {
        let copy = pool.install(|| source.par_deep_clone());
        let first: Vec<_> = copy[66..69].iter().filter_map(|e| e.node.clone()).collect();
        for (number, element) in copy.iter().enumerate().skip(64) {
            let node = element.node.as_ref().unwrap();
            assert!(Arc::ptr_eq(node, &first[number % 3]));
        }
        assert!(copy[..64].iter().all(|element| element.node.is_none()));
        drop(copy);
        // Two edges from the ring, and ours.
        assert!(first.iter().all(|node| Arc::strong_count(node) == 3));
        cut(&first);
    }
    assert_eq!(MADE.load(Ordering::Relaxed) - before, 3 * rounds);
    assert!(nodes.iter().all(|node| Arc::weak_count(node) == 1));
    let ours = 1 + 2 + 64 / 3;
    assert!(nodes.iter().all(|node| Arc::strong_count(node) - ours <= 1));
    assert!(THREADS.lock().unwrap().len() > 1, "one thread did it all");
    cut(&nodes);
}

#[test]
fn an_arc_root_that_its_elements_lead_back_to_leads_to_the_copy() {
    #[derive(DeepClone)]
    struct Member {
        club: Weak<Vec<Member>>,
        name: String,
    }
    on_pools([1, 2, 8], || {
        let club = Arc::new_cyclic(|club| {
            (0..500)
                .map(|number| Member {
                    club: club.clone(),
                    name: number.to_string(),
                })
                .collect::<Vec<_>>()
        });
        let copy = club.par_deep_clone();
        assert_eq!(copy.len(), 500);
        for (number, member) in copy.iter().enumerate() {
            assert_eq!(member.name, number.to_string());
            assert!(Arc::ptr_eq(&member.club.upgrade().unwrap(), &copy));
        }
        assert_eq!((Arc::strong_count(&copy), Arc::weak_count(&copy)), (1, 500));
        assert_eq!((Arc::strong_count(&club), Arc::weak_count(&club)), (1, 500));
        let twice: Vec<Arc<Vec<Member>>> = vec![club; 100];
        assert!(Arc::ptr_eq(&twice.par_deep_clone()[0], &twice.par_deep_clone()[0]).eq(&false));
    });
}

#[test]
fn weak_edges_lead_to_what_is_reached_by_any_element_and_dangle_otherwise() {
    on_pools([1, 2, 8], || {
        let outside: Vec<Arc<u32>> = (0..100).map(Arc::new).collect();
        let inside: Vec<Arc<u32>> = (0..100).map(Arc::new).collect();
        type Element = (Weak<u32>, Weak<u32>, Option<Arc<u32>>);
        let mut source: Vec<Element> = (0..100)
            .map(|number| {
                let weak = Arc::downgrade(&inside[number]);
                (weak, Arc::downgrade(&outside[number]), None)
            })
            .collect();
        for (number, target) in inside.into_iter().enumerate() {
            source[99 - number].2 = Some(target);
        }
        let copy = source.par_deep_clone();
        for (number, element) in copy.iter().enumerate() {
            assert_eq!(*element.0.upgrade().unwrap(), number as u32);
            let target = copy[99 - number].2.as_ref().unwrap();
            assert!(std::ptr::eq(element.0.as_ptr(), Arc::as_ptr(target)));
            assert!(element.1.upgrade().is_none());
        }
        for target in &outside {
            assert_eq!((Arc::strong_count(target), Arc::weak_count(target)), (1, 1));
        }
    });
}

#[test]
fn what_is_written_by_hand_sees_finished_copies_only_and_keeps_identity() {
    struct Hand {
        node: Arc<Mutex<u32>>,
    }
    deepclone::impl_deep_clone! { impl for Hand = |hand, cloner| {
        let node = cloner.deep_clone(&hand.node)?;
        assert!(node.lock().is_ok());
        Ok(Hand { node })
    } }
    on_pools([1, 2, 8], || {
        let shared = Arc::new(Mutex::new(1));
        let source: Vec<(Option<Hand>, Arc<Mutex<u32>>)> = (0..300)
            .map(|number| {
                let hand = (number % 50 == 49).then(|| Hand {
                    node: shared.clone(),
                });
                (hand, shared.clone())
            })
            .collect();
        let copy = source.par_deep_clone();
        let first = &copy[0].1;
        for (hand, node) in &copy {
            assert!(Arc::ptr_eq(node, first));
            assert!(
                hand.as_ref()
                    .is_none_or(|hand| Arc::ptr_eq(&hand.node, first))
            );
        }
        assert_eq!(Arc::strong_count(first), 306);
    });
}

#[test]
fn keys_that_are_shared_are_shared_in_the_copy() {
    on_pools([1, 2, 8], || {
        let names: Vec<Arc<str>> = (0..200).map(|number| number.to_string().into()).collect();
        let map: HashMap<Arc<str>, Arc<str>> = names
            .iter()
            .map(|name| (name.clone(), name.clone()))
            .collect();
        let copy = map.par_deep_clone();
        assert_eq!(copy, map);
        for (key, value) in &copy {
            assert!(Arc::ptr_eq(key, value));
            assert_eq!(Arc::strong_count(key), 2);
        }
        let locked: Vec<Mutex<HashMap<Arc<str>, Vec<u8>>>> = (0..200)
            .map(|number| Mutex::new(HashMap::from([(names[number].clone(), vec![1])])))
            .collect();
        let copy = locked.par_deep_clone();
        for (number, map) in copy.iter().enumerate() {
            assert_eq!(map.lock().unwrap()[&*number.to_string()], [1]);
        }
    });
}

#[test]
fn a_copy_in_parallel_equals_a_copy_by_one() {
    let _turn = TURN.lock().unwrap();
    let source = ring(512);
    let expected = source.deep_clone();
    check_ring(&source, &expected);
    on_pools([1, 2, 8], || {
        let copy = source.par_deep_clone();
        check_ring(&expected, &copy);
        cut(&copy);
    });
    cut(&expected);
    cut(&source);
}

#[test]
fn deep_elements_are_copied_on_any_thread() {
    struct List(Option<Box<List>>);
    #[derive(DeepClone)]
    struct Chain {
        next: Option<Arc<Chain>>,
        keep: Option<Arc<Chain>>,
    }
    impl Drop for Chain {
        fn drop(&mut self) {
            let mut next = self.next.take();
            while let Some(mut chain) = next.and_then(Arc::into_inner) {
                chain.keep = None;
                next = chain.next.take();
            }
        }
    }
    let _ = List(None).0;
    on_pools([1, 2, 8], || {
        let source: Vec<Option<Arc<Chain>>> = (0..20)
            .map(|_| (0..20_000).fold(None, |next, _| Some(Arc::new(Chain { next, keep: None }))))
            .collect();
        let copy = source.par_deep_clone();
        for chain in &copy {
            let mut length = 0;
            let mut at = chain.as_ref();
            while let Some(chain) = at {
                length += 1;
                at = chain.next.as_ref();
            }
            assert_eq!(length, 20_000);
        }
    });
}
