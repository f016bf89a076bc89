//! The types of the standard library, each cloned by itself and inside of others, and compared.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Condvar, Mutex, OnceLock};

use deepclone::DeepClone;

/// Clones a value alone and in pointers and containers; compares what `view` sees.
#[track_caller]
fn check_by<T: DeepClone, V: PartialEq + Debug>(make: impl Fn() -> T, view: impl Fn(&T) -> V) {
    let source = make();
    let expected = view(&source);
    assert_eq!(view(&source.deep_clone()), expected, "alone");
    assert_eq!(view(&source), expected, "the source");
    let shared = Rc::new(make());
    let nested = (
        1_u8,
        vec![Some((Rc::clone(&shared), 2_u8)), None],
        shared,
        make(),
    );
    let copy = nested.deep_clone();
    let [Some(first), None] = copy.1.as_slice() else {
        panic!("two options");
    };
    assert!(Rc::ptr_eq(&first.0, &copy.2), "one allocation");
    assert!(!Rc::ptr_eq(&copy.2, &nested.2), "another allocation");
    assert_eq!(view(&copy.2), view(&nested.2), "in a shared pointer");
    assert_eq!(view(&copy.3), view(&nested.3), "in a tuple");
}

#[track_caller]
fn check<T: DeepClone + PartialEq + Debug>(make: impl Fn() -> T) {
    let source = (make(), 1_u8);
    let copy = source.deep_clone();
    assert_eq!(copy, source);
    assert_eq!(vec![copy].deep_clone(), [source]);
}

macro_rules! check {
    ($($type:ty: $($value:expr),+;)*) => { $($(
        check::<$type>(|| $value);
    )+)* };
}

macro_rules! check_by {
    ($($type:ty: $value:expr => |$it:ident| $view:expr;)*) => { $(
        check_by::<$type, _>(|| $value, |$it: &$type| $view);
    )* };
}

mod cells;
mod collections;
mod pointers;
mod scalars;
mod shapes;

/// Locks that are shared, or missing.
type Locks<T> = Rc<RefCell<Vec<Option<Arc<Mutex<T>>>>>>;

/// What a struct that uses all of them needs: nothing but the derive.
#[derive(DeepClone)]
struct Everything<'a, T, const N: usize> {
    numbers: [T; N],
    text: std::borrow::Cow<'a, str>,
    shared: Locks<T>,
    again: Locks<T>,
    map: HashMap<String, BTreeMap<u8, Box<[T]>>>,
    marker: PhantomData<fn(T) -> T>,
    condition: (Mutex<bool>, Condvar),
    atomic: AtomicU64,
    result: Result<Rc<str>, Box<dyn DeepClone + 'a>>,
    once: OnceLock<PathBuf>,
    cell: Cell<Option<Rc<T>>>,
}

#[test]
fn a_struct_of_all_of_them() {
    let shared = Rc::new(RefCell::new(vec![Some(Arc::new(Mutex::new(3_u32))), None]));
    let source = Everything {
        numbers: [1, 2, 3],
        text: "text".into(),
        again: Rc::clone(&shared),
        shared,
        map: HashMap::from([(String::from("key"), BTreeMap::from([(1, Box::from([7]))]))]),
        marker: PhantomData,
        condition: (Mutex::new(true), Condvar::new()),
        atomic: AtomicU64::new(5),
        result: Err(Box::new(1_u8)),
        once: OnceLock::from(PathBuf::from("path")),
        cell: Cell::new(Some(Rc::new(9))),
    };
    let copy = source.deep_clone();
    assert_eq!(copy.numbers, source.numbers);
    assert_eq!(copy.text, source.text);
    assert!(Rc::ptr_eq(&copy.shared, &copy.again));
    assert!(!Rc::ptr_eq(&copy.shared, &source.shared));
    assert_eq!(
        copy.shared.borrow()[0]
            .as_ref()
            .map(|lock| *lock.lock().expect("free")),
        Some(3)
    );
    assert_eq!(copy.map, source.map);
    assert!(*copy.condition.0.lock().expect("free"));
    assert_eq!(copy.atomic.into_inner(), 5);
    assert!(copy.result.is_err());
    assert_eq!(copy.once.get(), source.once.get());
    assert_eq!(copy.cell.into_inner().as_deref(), Some(&9));
    assert_eq!(source.cell.into_inner().as_deref(), Some(&9));
    let PhantomData = copy.marker;
}
