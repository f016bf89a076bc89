//! Trait objects clone because their trait asks for it: no attribute, no macro, any pointer, any cell, any auto traits.

#![allow(
    clippy::arc_with_non_send_sync,
    reason = "the same bodies run for both families"
)]

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, RwLock};

use deepclone::DeepClone;
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Fuse, Mode};

/// A trait of a user's.
trait Shape: DeepClone {
    fn area(&self) -> u64;
    fn grow(&mut self);
}

/// Another, which gives the first.
trait Solid: Shape + Debug {
    fn height(&self) -> u64;
}

#[derive(DeepClone, Debug)]
struct Square {
    side: u64,
}

impl Shape for Square {
    fn area(&self) -> u64 {
        self.side * self.side
    }

    fn grow(&mut self) {
        self.side += 1;
    }
}

/// Larger, and it owns.
#[derive(DeepClone, Debug)]
struct Tower {
    floors: Vec<Square>,
    names: Vec<String>,
}

impl Shape for Tower {
    fn area(&self) -> u64 {
        self.floors.iter().map(Shape::area).sum()
    }

    fn grow(&mut self) {
        self.floors.push(Square { side: 1 });
    }
}

impl Solid for Tower {
    fn height(&self) -> u64 {
        self.floors.len() as u64
    }
}

/// Nothing at all.
#[derive(DeepClone, Debug)]
struct Point;

impl Shape for Point {
    fn area(&self) -> u64 {
        0
    }

    fn grow(&mut self) {}
}

/// With a boundary of its own.
#[derive(DeepClone, Debug)]
#[repr(align(64))]
struct Aligned(u8);

impl Shape for Aligned {
    fn area(&self) -> u64 {
        u64::from(self.0)
    }

    fn grow(&mut self) {
        self.0 += 1;
    }
}

fn tower() -> Tower {
    Tower {
        floors: vec![Square { side: 2 }, Square { side: 3 }],
        names: vec![String::from("ground"), String::from("roof")],
    }
}

fn shapes() -> Vec<Box<dyn Shape>> {
    vec![
        Box::new(Square { side: 3 }),
        Box::new(tower()),
        Box::new(Point),
        Box::new(Aligned(9)),
    ]
}

#[test]
fn boxed_trait_objects_keep_their_types() {
    let source = shapes();
    let mut copy = source.deep_clone();
    let areas =
        |shapes: &[Box<dyn Shape>]| shapes.iter().map(|shape| shape.area()).collect::<Vec<_>>();
    assert_eq!(areas(&copy), [9, 13, 0, 9]);
    for (one, other) in copy.iter().zip(&source) {
        assert_eq!(
            (size_of_val(&**one), align_of_val(&**one)),
            (size_of_val(&**other), align_of_val(&**other))
        );
        assert!((&raw const **one).cast::<()>().addr() % align_of_val(&**one) == 0);
    }
    copy.iter_mut().for_each(|shape| shape.grow());
    assert_eq!(areas(&copy), [16, 14, 0, 10]);
    assert_eq!(areas(&source), [9, 13, 0, 9]);
}

#[test]
fn auto_traits_and_subtraits_need_nothing_more() {
    let send: Box<dyn Shape + Send> = Box::new(tower());
    let sync: Arc<dyn Shape + Send + Sync> = Arc::new(tower());
    let solid: Box<dyn Solid + Send + Sync> = Box::new(tower());
    let (send, sync, copy) = (send, sync, solid).deep_clone();
    assert_eq!(
        (send.area(), sync.area(), copy.area(), copy.height()),
        (13, 13, 13, 2)
    );
    assert_eq!(format!("{copy:?}"), format!("{:?}", tower()));
    assert_eq!(Arc::strong_count(&sync), 1);
}

#[test]
fn trait_objects_may_borrow() {
    #[derive(DeepClone)]
    struct Label<'a>(&'a str, Vec<u64>);

    impl Shape for Label<'_> {
        fn area(&self) -> u64 {
            self.0.len() as u64 + self.1.iter().sum::<u64>()
        }

        fn grow(&mut self) {
            self.1.push(1);
        }
    }

    let text = String::from("text");
    let source: Vec<Arc<dyn Shape + '_>> = vec![Arc::new(Label(&text, vec![3])), Arc::new(Point)];
    let source = (source.clone(), source);
    let copy = source.deep_clone();
    assert_eq!(copy.0[0].area(), 7);
    assert!(Arc::ptr_eq(&copy.0[0], &copy.1[0]));
    assert!(Arc::ptr_eq(&copy.0[1], &copy.1[1]));
    assert!(!Arc::ptr_eq(&copy.0[0], &source.0[0]));
    assert_eq!(Arc::strong_count(&copy.0[0]), 2);
}

#[test]
fn generic_traits_and_traits_with_associated_types_clone() {
    trait Store<T>: DeepClone {
        type Key;
        fn get(&self, key: Self::Key) -> Option<&T>;
    }

    #[derive(DeepClone)]
    struct Row<T>(Vec<T>);

    impl<T: DeepClone> Store<T> for Row<T> {
        type Key = usize;

        fn get(&self, key: usize) -> Option<&T> {
            self.0.get(key)
        }
    }

    let source: Box<dyn Store<String, Key = usize>> = Box::new(Row(vec![String::from("one")]));
    let copy = source.deep_clone();
    assert_eq!(copy.get(0).map(String::as_str), Some("one"));
    assert_ne!(
        copy.get(0).map(|text| text.as_ptr()),
        source.get(0).map(|text| text.as_ptr())
    );
}

#[test]
fn a_deep_clone_object_of_the_trait_itself_clones() {
    let source: Vec<Box<dyn DeepClone>> = vec![
        Box::new(7_u8),
        Box::new(String::from("text")),
        Box::new(shapes()),
    ];
    let copy = source.deep_clone();
    let sizes = |values: &[Box<dyn DeepClone>]| {
        values
            .iter()
            .map(|value| size_of_val(&**value))
            .collect::<Vec<_>>()
    };
    assert_eq!(sizes(&copy), sizes(&source));
}

each_family! {
    #[test]
    fn shared_trait_objects_are_copied_once() {
        let one: Strong<dyn Shape> = Strong::new(tower());
        let source = vec![Strong::clone(&one), Strong::new(Square { side: 5 }), one];
        let copy = source.deep_clone();
        assert!(Strong::ptr_eq(&copy[0], &copy[2]));
        assert!(!Strong::ptr_eq(&copy[0], &source[0]));
        assert_eq!(copy.iter().map(|shape| shape.area()).collect::<Vec<_>>(), [13, 25, 13]);
        assert_eq!((Strong::strong_count(&copy[0]), Strong::strong_count(&copy[1])), (2, 1));
        assert_eq!((Strong::strong_count(&source[0]), Strong::strong_count(&source[1])), (2, 1));
    }

    #[test]
    fn cells_of_trait_objects_clone_behind_every_pointer() {
        let boxed: Box<Slot<dyn Shape>> = Box::new(Slot::new(Square { side: 1 }));
        let shared: Strong<Slot<dyn Shape>> = Strong::new(Slot::new(tower()));
        let aligned: Strong<Slot<dyn Shape>> = Strong::new(Slot::new(Aligned(3)));
        let empty: Strong<Slot<dyn Shape>> = Strong::new(Slot::new(Point));
        let locked: Strong<RwLock<dyn Shape>> = Strong::new(RwLock::new(Square { side: 4 }));
        let nested: Strong<Mutex<RefCell<dyn Shape>>> = Strong::new(Mutex::new(RefCell::new(Square { side: 6 })));
        let source = (boxed, (Strong::clone(&shared), shared), aligned, empty, locked, nested);
        let copy = source.deep_clone();
        open(&copy.0).grow();
        open(&copy.1.0).grow();
        open(&copy.2).grow();
        copy.4.write().expect("free").grow();
        copy.5.lock().expect("free").borrow_mut().grow();
        assert_eq!(open(&copy.0).area(), 4);
        assert_eq!(open(&copy.1.1).area(), 14);
        assert_eq!(open(&copy.2).area(), 4);
        assert_eq!(open(&copy.3).area(), 0);
        assert_eq!(copy.4.read().expect("free").area(), 25);
        assert_eq!(copy.5.lock().expect("free").borrow().area(), 49);
        assert_eq!(open(&source.0).area(), 1);
        assert_eq!(open(&source.1.0).area(), 13);
        assert_eq!(open(&source.2).area(), 3);
        assert_eq!(source.4.read().expect("free").area(), 16);
        assert_eq!(source.5.lock().expect("free").borrow().area(), 36);
        assert!(Strong::ptr_eq(&copy.1.0, &copy.1.1));
        assert_eq!((&raw const *open(&copy.2)).cast::<()>().addr() % 64, 0);
    }

    /// A node behind a trait, which leads to others of its kind by every view there is.
    trait Linked: DeepClone {
        fn links(&mut self) -> &mut Vec<Link>;
    }

    type Dynamic = Strong<Slot<dyn Linked>>;

    #[derive(DeepClone, Clone)]
    enum Link {
        Dynamic(Dynamic),
        Concrete(Strong<Slot<Item>>),
        Weak(Weak<Slot<dyn Linked>>),
        WeakConcrete(Weak<Slot<Item>>),
    }

    #[derive(DeepClone, Default)]
    struct Item {
        links: Vec<Link>,
        name: String,
    }

    impl Linked for Item {
        fn links(&mut self) -> &mut Vec<Link> {
            &mut self.links
        }
    }

    #[test]
    fn a_cell_of_a_trait_object_seen_from_itself_through_four_views() {
        let item = Strong::new(Slot::new(Item::default()));
        let dynamic: Dynamic = Strong::clone(&item) as Dynamic;
        open(&item).links = vec![
            Link::Dynamic(Strong::clone(&dynamic)),
            Link::Concrete(Strong::clone(&item)),
            Link::Weak(Strong::downgrade(&dynamic)),
            Link::WeakConcrete(Strong::downgrade(&item)),
        ];
        open(&item).name = String::from("item");
        assert_eq!(counts(&item), (4, 2));
        for entered_by_name in [true, false] {
            let mut concrete = None;
            let copy: Dynamic = if entered_by_name {
                let copy = item.deep_clone();
                concrete = Some(Strong::clone(&copy));
                copy
            } else {
                dynamic.deep_clone()
            };
            let held = usize::from(entered_by_name);
            assert_eq!(counts(&copy), (3 + held, 2));
            assert_eq!(counts(&item), (4, 2));
            let links = std::mem::take(open(&copy).links());
            let address = Strong::as_ptr(&copy).cast::<()>();
            for link in &links {
                let target = match link {
                    Link::Dynamic(link) => Strong::as_ptr(link).cast::<()>(),
                    Link::Concrete(link) => {
                        assert_eq!(open(link).name, "item");
                        Strong::as_ptr(link).cast::<()>()
                    }
                    Link::Weak(link) => Strong::as_ptr(&link.upgrade().expect("inside")).cast::<()>(),
                    Link::WeakConcrete(link) => Strong::as_ptr(&link.upgrade().expect("inside")).cast::<()>(),
                };
                assert_eq!(target, address);
            }
            drop((links, concrete));
            assert_eq!(counts(&copy), (1, 0));
        }
        let links = std::mem::take(&mut open(&item).links);
        drop(links);
    }

    #[test]
    fn a_failure_behind_a_trait_object_leaves_nothing() {
        trait Step: DeepClone {}

        #[derive(DeepClone)]
        struct Armed {
            fuse: Fuse,
            others: Slot<Vec<Strong<dyn Step>>>,
            text: String,
        }

        impl Step for Armed {}

        let detonator = Detonator::new();
        let nodes: Vec<Strong<Armed>> = (0..12)
            .map(|_| {
                Strong::new(Armed { fuse: detonator.fuse(), others: Slot::default(), text: String::from("text") })
            })
            .collect();
        for node in &nodes {
            open(&node.others).extend(nodes.iter().map(|other| Strong::clone(other) as Strong<dyn Step>));
        }
        let root = Strong::clone(&nodes[0]) as Strong<dyn Step>;
        for mode in [Mode::Error, Mode::Panic] {
            for step in 0..nodes.len() {
                let left = allocation_counter::measure(|| detonator.fail_at(step, mode, || root.try_deep_clone()));
                assert_eq!(left.bytes_current, 0);
                assert_eq!(detonator.live(), 12);
                assert!(nodes.iter().all(|node| Strong::weak_count(node) == 0 && node.text == "text"));
                assert!(nodes.iter().skip(1).all(|node| Strong::strong_count(node) == 13));
            }
        }
        for node in &nodes {
            let cut = std::mem::take(&mut *open(&node.others));
            drop(cut);
        }
    }
}
