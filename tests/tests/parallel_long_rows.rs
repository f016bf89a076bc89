//! Long rows in what elements share, which all threads copy together in the end: what was met before them is made once.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};

use deepclone::{DeepClone, ParDeepClone};
use deepclone_tests::fuse::{Detonator, Fuse};
use deepclone_tests::pools::{ByHand, on_pools, work};

const LONG: usize = 20_000;

static MADE: AtomicUsize = AtomicUsize::new(0);
/// The tests count what is made.
static TURN: Mutex<()> = Mutex::new(());

fn made(fuse: &Fuse) -> Fuse {
    MADE.fetch_add(1, SeqCst);
    fuse.clone()
}

fn texts() -> Vec<String> {
    (0..LONG).map(|number| number.to_string()).collect()
}

#[derive(DeepClone)]
struct Shared {
    #[deepclone(with = made)]
    fuse: Fuse,
    next: Option<Arc<Shared>>,
}

#[derive(DeepClone)]
struct Long {
    shared: Arc<Shared>,
    row: Vec<String>,
    back: Weak<Shared>,
}

#[derive(DeepClone)]
struct Element {
    long: Option<Arc<Long>>,
    #[deepclone(with = work)]
    work: u64,
}

#[test]
fn what_was_met_on_the_way_is_made_once() {
    let _turn = TURN.lock().expect("not poisoned");
    let detonator = Detonator::new();
    on_pools([2, 4], || {
        for at in [0, 5, 100, 190] {
            let shared = |next| {
                Arc::new(Shared {
                    fuse: detonator.fuse(),
                    next,
                })
            };
            let shared = shared(Some(shared(None)));
            let long = Arc::new(Long {
                shared: shared.clone(),
                row: texts(),
                back: Arc::downgrade(&shared),
            });
            let element = |index| Element {
                long: (index == at || index == at + 2).then(|| long.clone()),
                work: 0,
            };
            let source: Vec<Element> = (0..200).map(element).collect();
            MADE.store(0, SeqCst);
            let copy = source.par_deep_clone();
            assert_eq!((MADE.load(SeqCst), detonator.live()), (2, 4));
            let long = copy[at].long.as_ref().expect("it is there");
            assert!(long.row.iter().eq(&texts()));
            assert!(long.back.ptr_eq(&Arc::downgrade(&long.shared)));
            assert_eq!(Arc::strong_count(&long.shared), 1);
            drop(copy);
            assert_eq!(detonator.live(), 2);
        }
    });
}

#[derive(DeepClone)]
struct Row {
    #[deepclone(with = made)]
    fuse: Fuse,
}

#[derive(DeepClone)]
enum Part {
    Nothing,
    Long(Arc<Vec<String>>),
    Rows(Vec<Row>, ByHand),
}

#[test]
fn what_was_made_for_another_element_is_made_once() {
    let _turn = TURN.lock().expect("not poisoned");
    let detonator = Detonator::new();
    on_pools([2, 4], || {
        for is_long in [false, true] {
            let row = |_| Row {
                fuse: detonator.fuse(),
            };
            let part = |index| match index {
                0 if is_long => Part::Long(Arc::new(texts())),
                1 => Part::Rows((0..20).map(row).collect(), ByHand(1)),
                _ => Part::Nothing,
            };
            let source: Vec<Part> = (0..40).map(part).collect();
            MADE.store(0, SeqCst);
            let copy = source.par_deep_clone();
            assert_eq!((MADE.load(SeqCst), detonator.live()), (20, 40));
            drop((copy, source));
            assert_eq!(detonator.live(), 0);
        }
    });
}

#[test]
fn much_that_was_made_is_found_again_in_time_that_grows_with_it() {
    let _turn = TURN.lock().expect("not poisoned");
    let detonator = Detonator::new();
    on_pools([2, 4], || {
        let row = |_| Row {
            fuse: detonator.fuse(),
        };
        let part = |index| Part::Rows((0..LONG / 2).map(row).collect(), ByHand(index));
        let source: Vec<Part> = (0..20).map(part).collect();
        MADE.store(0, SeqCst);
        let copy = source.par_deep_clone();
        assert_eq!(MADE.load(SeqCst), 10 * LONG);
        drop((copy, source));
        assert_eq!(detonator.live(), 0);
    });
}
