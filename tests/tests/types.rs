//! The types of the standard library, each cloned by itself and inside of others, and compared.

use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::Reverse;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::Cursor;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{
    Bound, ControlFlow, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8, AtomicU16,
    AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::{Arc, Condvar, Mutex, OnceLock, RwLock};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

use deepclone::DeepClone;
use deepclone_tests::each_family;

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

#[test]
fn scalars() {
    check! {
        (): ();
        bool: true, false;
        char: 'a', '\u{10FFFF}';
        i8: -1, i8::MIN; i16: i16::MIN; i32: i32::MIN; i64: i64::MIN; i128: i128::MIN; isize: isize::MIN;
        u8: 255; u16: u16::MAX; u32: u32::MAX; u64: u64::MAX; u128: u128::MAX; usize: usize::MAX;
        f32: 1.5, -0.0, f32::INFINITY;
        f64: 1.5, f64::MIN_POSITIVE;
        std::cmp::Ordering: std::cmp::Ordering::Less;
        std::num::FpCategory: std::num::FpCategory::Nan;
        std::any::TypeId: std::any::TypeId::of::<u8>();
        std::alloc::Layout: std::alloc::Layout::new::<u64>();
        Option<std::convert::Infallible>: None;
        std::num::ParseIntError: "x".parse::<u8>().unwrap_err();
        std::thread::ThreadId: std::thread::current().id();
    }
}

#[test]
fn payloads_of_nan_and_signs_of_zero() {
    for bits in [
        0x7ff8_0000_dead_beef_u64,
        0xfff8_0000_0000_0001,
        (-0.0_f64).to_bits(),
    ] {
        check_by(|| f64::from_bits(bits), |value| value.to_bits());
    }
    check_by(|| f32::from_bits(0x7fc0_1234), |value| value.to_bits());
}

#[test]
fn nonzero_and_wrapped_numbers() {
    check! {
        NonZeroI8: NonZeroI8::MIN; NonZeroI16: NonZeroI16::MIN; NonZeroI32: NonZeroI32::MIN;
        NonZeroI64: NonZeroI64::MIN; NonZeroI128: NonZeroI128::MIN; NonZeroIsize: NonZeroIsize::MIN;
        NonZeroU8: NonZeroU8::MAX; NonZeroU16: NonZeroU16::MAX; NonZeroU32: NonZeroU32::MAX;
        NonZeroU64: NonZeroU64::MAX; NonZeroU128: NonZeroU128::MAX; NonZeroUsize: NonZeroUsize::MAX;
        Option<NonZeroU8>: None, NonZeroU8::new(3);
        Wrapping<u8>: Wrapping(200);
        Saturating<i64>: Saturating(-7);
        Wrapping<Wrapping<u128>>: Wrapping(Wrapping(1));
    }
}

#[test]
fn atomics_hold_what_they_held() {
    check_by! {
        AtomicBool: AtomicBool::new(true) => |it| it.load(Ordering::SeqCst);
        AtomicI8: AtomicI8::new(-8) => |it| it.load(Ordering::SeqCst);
        AtomicI16: AtomicI16::new(-16) => |it| it.load(Ordering::SeqCst);
        AtomicI32: AtomicI32::new(-32) => |it| it.load(Ordering::SeqCst);
        AtomicI64: AtomicI64::new(-64) => |it| it.load(Ordering::SeqCst);
        AtomicIsize: AtomicIsize::new(-1) => |it| it.load(Ordering::SeqCst);
        AtomicU8: AtomicU8::new(8) => |it| it.load(Ordering::SeqCst);
        AtomicU16: AtomicU16::new(16) => |it| it.load(Ordering::SeqCst);
        AtomicU32: AtomicU32::new(32) => |it| it.load(Ordering::SeqCst);
        AtomicU64: AtomicU64::new(64) => |it| it.load(Ordering::SeqCst);
        AtomicUsize: AtomicUsize::new(1) => |it| it.load(Ordering::SeqCst);
    }
    let source = Arc::new(AtomicU32::new(1));
    let copy = source.deep_clone();
    source.store(2, Ordering::SeqCst);
    assert_eq!(copy.load(Ordering::SeqCst), 1);
}

#[test]
fn times_and_addresses() {
    let (now, today) = (Instant::now(), SystemTime::now());
    check! {
        Duration: Duration::MAX;
        Instant: now;
        SystemTime: today;
        Ipv4Addr: Ipv4Addr::LOCALHOST;
        Ipv6Addr: Ipv6Addr::LOCALHOST;
        IpAddr: IpAddr::V4(Ipv4Addr::BROADCAST), IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        SocketAddrV4: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80);
        SocketAddrV6: SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 1, 2);
        SocketAddr: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 443);
    }
}

#[test]
fn text_and_bytes_and_their_boxes() {
    check! {
        String: String::new(), String::from("text");
        CString: c"text".to_owned(), CString::default();
        OsString: OsString::from("text"), OsString::new();
        PathBuf: PathBuf::from("/a/path"), PathBuf::new();
        Box<str>: "text".into(), "".into();
        Box<CStr>: c"text".into();
        Box<OsStr>: OsStr::new("text").into(), OsStr::new("").into();
        Box<Path>: Path::new("/a/path").into();
        Box<[u8]>: b"bytes".as_slice().into(), Box::default();
        &'static str: "text";
        &'static [u8]: b"bytes";
        std::str::Utf8Error: String::from_utf8(vec![0xff]).unwrap_err().utf8_error();
    }
}

each_family! {
    #[test]
    fn shared_text_and_bytes_are_copied_too() {
        check! {
            Strong<str>: "text".into(), "".into(), Strong::default();
            Strong<CStr>: c"text".into(), c"".into(), Strong::default();
            Strong<OsStr>: OsStr::new("text").into(), OsStr::new("").into();
            Strong<Path>: Path::new("/a/path").into();
            Strong<[u8]>: b"bytes".as_slice().into(), Strong::default();
            Strong<String>: Strong::new(String::from("text"));
        }
        let source: Strong<str> = "text".into();
        let mut copy = source.deep_clone();
        assert!(!Strong::ptr_eq(&copy, &source));
        Strong::get_mut(&mut copy).expect("the only handle").make_ascii_uppercase();
        assert_eq!((&*source, &*copy), ("text", "TEXT"));
        assert_eq!((Strong::strong_count(&source), Strong::weak_count(&source)), (1, 0));
    }

    #[test]
    fn shared_pointers_to_anything() {
        check! {
            Strong<u8>: Strong::new(1);
            Strong<()>: Strong::new(());
            Strong<Strong<Strong<String>>>: Strong::new(Strong::new(Strong::new(String::from("deep"))));
            Strong<[String]>: Strong::from([String::from("a"), String::from("b")]), Strong::default();
            Strong<[String; 2]>: Strong::new([String::from("a"), String::from("b")]);
            Strong<[()]>: Strong::from([(), (), ()]);
            Strong<[[u64; 3]]>: Strong::from(vec![[1, 2, 3]; 100]);
            Strong<(u8, Box<[Strong<str>]>)>: Strong::new((1, Box::from([Strong::from("a")])));
            Option<Strong<u8>>: None, Some(Strong::new(1));
            Pin<Strong<String>>: Strong::pin(String::from("pinned"));
        }
        check_by! {
            Strong<Slot<Vec<u8>>>: Strong::new(Slot::new(vec![1, 2])) => |it| open(it).clone();
            Weak<String>: Weak::new() => |it| it.upgrade().is_none();
            Weak<Slot<u8>>: Weak::new() => |it| it.upgrade().is_none();
            Option<Weak<u8>>: Some(Weak::new()) => |it| it.as_ref().is_some_and(|weak| weak.upgrade().is_none());
            Once<Strong<u8>>: Once::from(Strong::new(1)) => |it| it.get().map(|value| **value);
        }
    }

    #[test]
    fn cells_of_shared_pointers_in_place() {
        let node = Strong::new(5_u8);
        let source = (
            Cell::new(Strong::clone(&node)),
            Cell::new(Some(Strong::clone(&node))),
            Cell::new(Strong::downgrade(&node)),
            Cell::new(Some(Strong::downgrade(&node))),
            Cell::new(None::<Strong<u8>>),
            Cell::new(None::<Weak<String>>),
        );
        let copy = source.deep_clone();
        let first = copy.0.into_inner();
        assert_eq!(*first, 5);
        assert!(!Strong::ptr_eq(&first, &node));
        let second = copy.1.into_inner().expect("copied");
        assert!(Strong::ptr_eq(&first, &second));
        assert!(Strong::ptr_eq(&first, &copy.2.into_inner().upgrade().expect("inside")));
        assert!(Strong::ptr_eq(&first, &copy.3.into_inner().expect("copied").upgrade().expect("inside")));
        assert!(copy.4.into_inner().is_none() && copy.5.into_inner().is_none());
        assert_eq!((Strong::strong_count(&first), Strong::weak_count(&first)), (2, 0));
        assert!(Strong::ptr_eq(&source.0.into_inner(), &node));
        assert!(Strong::ptr_eq(&source.1.into_inner().expect("still there"), &node));
        assert!(source.2.into_inner().upgrade().is_some());
        assert!(source.3.into_inner().expect("still there").upgrade().is_some());
        assert_eq!((Strong::strong_count(&node), Strong::weak_count(&node)), (1, 0));
    }
}

#[test]
fn tuples_up_to_sixteen() {
    let text = || String::from("text");
    check! {
        (String,): (text(),);
        (u8, String): (1, text());
        (u8, u16, String): (1, 2, text());
        (u8, u16, u32, String): (1, 2, 3, text());
        (u8, u16, u32, u64, String): (1, 2, 3, 4, text());
        (u8, u16, u32, u64, u128, String): (1, 2, 3, 4, 5, text());
        (u8, u16, u32, u64, u128, (), String): (1, 2, 3, 4, 5, (), text());
        (u8, u16, u32, u64, u128, (), bool, String): (1, 2, 3, 4, 5, (), true, text());
        (u8, u16, u32, u64, u128, (), bool, char, String): (1, 2, 3, 4, 5, (), true, 'c', text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, String): (1, 2, 3, 4, 5, (), true, 'c', -1, text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, i16, String): (1, 2, 3, 4, 5, (), true, 'c', -1, -2, text());
        (u8, u16, u32, u64, u128, (), bool, char, i8, i16, i32, String): (1, 2, 3, 4, 5, (), true, 'c', -1, -2, -3, text());
    }
    type Texts13 = (
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
        String,
        u8,
    );
    check_by! {
        Texts13: (1, text(), 2, text(), 3, text(), 4, text(), 5, text(), 6, text(), 7)
            => |it| (it.0, it.1.clone(), it.6, it.11.clone(), it.12);
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, text())
            => |it| (it.0, it.12, it.13.clone());
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u64, String):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, text())
            => |it| (it.0, it.12, it.13, it.14.clone());
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u64, String, Box<str>):
            (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, text(), "last".into())
            => |it| (it.0, it.12, it.13, it.14.clone(), it.15.clone());
    }
}

#[test]
fn arrays_and_boxed_slices() {
    check! {
        [String; 0]: [];
        [u8; 0]: [];
        [String; 1]: [String::from("a")];
        [u64; 33]: [7; 33];
        [[String; 2]; 2]: [[String::from("a"), String::new()], [String::new(), String::from("b")]];
        Box<[u64]>: Box::from([1, 2, 3]);
        Box<[String]>: Box::from([String::from("a"), String::from("b")]), Box::default();
        Box<[()]>: Box::from([(); 5]);
        Box<[String; 2]>: Box::new([String::from("a"), String::from("b")]);
        Box<Box<Box<u8>>>: Box::new(Box::new(Box::new(1)));
    }
    check_by! {
        Box<[u8; 100_000]>: Box::new([7; 100_000]) => |it| it.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        [String; 1_000]: std::array::from_fn(|number| number.to_string()) => |it| it.to_vec();
    }
}

#[test]
fn sums_and_ranges() {
    let text = || String::from("text");
    check! {
        Option<String>: Some(text()), None;
        Option<Option<String>>: Some(Some(text())), Some(None), None;
        Option<Box<u8>>: Some(Box::new(1)), None;
        Result<String, u8>: Ok(text()), Err(1);
        Result<(), String>: Ok(()), Err(text());
        Bound<String>: Bound::Included(text()), Bound::Excluded(text()), Bound::Unbounded;
        ControlFlow<String, u8>: ControlFlow::Break(text()), ControlFlow::Continue(1);
        ControlFlow<(), String>: ControlFlow::Break(()), ControlFlow::Continue(text());
        Poll<String>: Poll::Ready(text()), Poll::Pending;
        Poll<Option<Result<String, u8>>>: Poll::Ready(Some(Ok(text()))), Poll::Ready(None);
        Reverse<String>: Reverse(text());
        Range<u8>: 1..5;
        Range<String>: text()..text();
        RangeFrom<String>: text()..;
        RangeFull: ..;
        RangeInclusive<u8>: 1..=5;
        RangeInclusive<String>: text()..=text();
        RangeTo<String>: ..text();
        RangeToInclusive<String>: ..=text();
    }
}

#[test]
fn markers_borrows_and_functions() {
    struct NotClonable;

    fn twice(number: u8) -> u8 {
        2 * number
    }

    let outside = NotClonable;
    check_by! {
        PhantomData<NotClonable>: PhantomData => |it| size_of_val(it);
        PhantomData<dyn Debug>: PhantomData => |it| size_of_val(it);
        std::marker::PhantomPinned: std::marker::PhantomPinned => |it| size_of_val(it);
        &NotClonable: &outside => |it| std::ptr::eq(*it, &raw const outside);
        Pin<&NotClonable>: Pin::new(&outside) => |it| std::ptr::eq(&raw const **it, &raw const outside);
        &dyn Debug: &5_u8 => |it| format!("{it:?}");
        fn(u8) -> u8: twice => |it| it(4);
        ManuallyDrop<u8>: ManuallyDrop::new(5) => |it| **it;
    }
    let text = String::from("text");
    check_by! {
        std::borrow::Cow<'_, str>: std::borrow::Cow::Borrowed(text.as_str()) => |it| it.as_ptr();
        std::borrow::Cow<'static, str>: std::borrow::Cow::Owned(String::from("text")) => |it| it.to_string();
        std::borrow::Cow<'_, [u8]>: std::borrow::Cow::Borrowed(text.as_bytes()) => |it| it.as_ptr();
        std::borrow::Cow<'static, Path>: std::borrow::Cow::Owned(PathBuf::from("path")) => |it| it.to_path_buf();
    }
    let mut kept = ManuallyDrop::new(String::from("kept"));
    let mut copy = kept.deep_clone();
    assert_eq!(*copy, "kept");
    assert_ne!(copy.as_ptr(), kept.as_ptr());
    drop((std::mem::take(&mut *kept), std::mem::take(&mut *copy)));
}

#[test]
fn pins_of_owned_pointers() {
    check! {
        Pin<Box<String>>: Box::pin(String::from("pinned"));
        Pin<Box<[u8]>>: Box::into_pin(Box::from([1, 2]));
        Pin<Rc<String>>: Rc::pin(String::from("pinned"));
        Pin<Arc<String>>: Arc::pin(String::from("pinned"));
        Pin<Arc<str>>: Pin::new(Arc::from("pinned"));
    }
    let source = [Rc::pin(1), Rc::pin(2)];
    let source = (source.clone(), source);
    let copy = source.deep_clone();
    assert!(std::ptr::eq(&raw const *copy.0[1], &raw const *copy.1[1]));
    assert!(!std::ptr::eq(
        &raw const *copy.0[1],
        &raw const *source.1[1]
    ));
}

#[test]
fn collections() {
    let texts = || ["b", "a", "c"].map(String::from);
    check! {
        Vec<u8>: vec![], vec![1, 2, 3];
        Vec<String>: texts().into(), vec![];
        Vec<()>: vec![(); 9];
        Vec<Vec<Vec<u8>>>: vec![vec![], vec![vec![1], vec![]]];
        VecDeque<String>: texts().into(), VecDeque::new();
        VecDeque<()>: VecDeque::from([(); 9]);
        LinkedList<String>: texts().into(), LinkedList::new();
        BTreeMap<String, Vec<u8>>: texts().into_iter().map(|key| (key, vec![1])).collect(), BTreeMap::new();
        BTreeSet<String>: texts().into(), BTreeSet::new();
        HashMap<String, Vec<u8>>: texts().into_iter().map(|key| (key, vec![1])).collect(), HashMap::new();
        HashMap<u64, u64>: (0..100).map(|key| (key, 2 * key)).collect();
        HashMap<(), String>: HashMap::from([((), String::from("unit"))]);
        HashSet<String>: texts().into(), HashSet::new();
        HashMap<String, u8, BuildHasherDefault<DefaultHasher>>: texts().into_iter().map(|key| (key, 1)).collect();
        HashSet<u8, BuildHasherDefault<DefaultHasher>>: (0..9).collect();
        Box<HashMap<Rc<str>, Rc<str>>>: Box::new(HashMap::from([(Rc::from("key"), Rc::from("value"))]));
    }
    check_by! {
        BinaryHeap<String>: texts().into_iter().collect() => |it| it.clone().into_vec();
        BinaryHeap<Reverse<(u8, String)>>: texts().into_iter().map(|text| Reverse((1, text))).collect()
            => |it| it.clone().into_sorted_vec();
        BinaryHeap<u8>: (0..20).collect() => |it| it.clone().into_vec();
    }
}

/// A hasher without `Default`.
#[derive(Clone, Debug)]
struct Seeded {
    inner: RandomState,
}

impl BuildHasher for Seeded {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        self.inner.build_hasher()
    }
}

#[test]
fn hashers_are_cloned_and_need_no_default() {
    let seeded = Seeded {
        inner: RandomState::new(),
    };
    let mut map: HashMap<String, Rc<str>, Seeded> = HashMap::with_hasher(seeded.clone());
    map.insert(String::from("key"), Rc::from("value"));
    let copy = map.deep_clone();
    assert_eq!(copy, map);
    assert_eq!(
        copy.hasher().hash_one("anything"),
        map.hasher().hash_one("anything")
    );
    let mut plain: HashMap<u8, u8, Seeded> = HashMap::with_hasher(seeded.clone());
    plain.insert(1, 2);
    assert_eq!(plain.deep_clone(), plain);
    let mut set: HashSet<Box<str>, Seeded> = HashSet::with_hasher(seeded);
    set.insert("key".into());
    let copy = set.deep_clone();
    assert_eq!(copy, set);
    assert_eq!(copy.hasher().hash_one(7), set.hasher().hash_one(7));
}

/// `Copy`, so that a `Cell` may hold it.
#[derive(DeepClone, Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Point {
    x: i32,
    y: i32,
}

#[test]
fn cells() {
    check! {
        RefCell<String>: RefCell::new(String::from("text"));
        RefCell<RefCell<Vec<u8>>>: RefCell::new(RefCell::new(vec![1]));
        OnceCell<String>: OnceCell::new(), OnceCell::from(String::from("set"));
        OnceLock<String>: OnceLock::new(), OnceLock::from(String::from("set"));
    }
    check_by! {
        Cell<u8>: Cell::new(1) => |it| it.get();
        Cell<()>: Cell::new(()) => |it| it.get();
        Cell<f64>: Cell::new(1.5) => |it| it.get();
        Cell<Option<u32>>: Cell::new(Some(1)) => |it| it.get();
        Cell<(u8, i64)>: Cell::new((1, 2)) => |it| it.get();
        Cell<[u8; 5]>: Cell::new([1; 5]) => |it| it.get();
        Cell<&'static str>: Cell::new("text") => |it| it.get();
        Cell<Option<&'static str>>: Cell::new(Some("text")) => |it| it.get();
        Cell<Duration>: Cell::new(Duration::MAX) => |it| it.get();
        Cell<Point>: Cell::new(Point { x: 1, y: 2 }) => |it| it.get();
        Cell<NonZeroU8>: Cell::new(NonZeroU8::MAX) => |it| it.get();
        Cell<Option<Instant>>: Cell::new(None) => |it| it.get();
        Box<Cell<u8>>: Box::new(Cell::new(1)) => |it| it.get();
    }
}

#[test]
fn locks() {
    check_by! {
        Mutex<String>: Mutex::new(String::from("text")) => |it| it.lock().expect("free").clone();
        Mutex<Mutex<Vec<u8>>>: Mutex::new(Mutex::new(vec![1]))
            => |it| it.lock().expect("free").lock().expect("free").clone();
        RwLock<String>: RwLock::new(String::from("text")) => |it| it.read().expect("free").clone();
        Condvar: Condvar::new() => |it| it.notify_all();
        (Mutex<bool>, Condvar): (Mutex::new(true), Condvar::new()) => |it| *it.0.lock().expect("free");
    }
}

#[test]
fn cells_and_locks_of_slices() {
    let cell: Box<RefCell<[String]>> =
        Box::new(RefCell::new([String::from("a"), String::from("b")]));
    let copy = cell.deep_clone();
    copy.borrow_mut()[0].push('!');
    assert_eq!(*copy.borrow(), ["a!", "b"]);
    assert_eq!(*cell.borrow(), ["a", "b"]);
    let lock: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2, 3]));
    let copy = [Arc::clone(&lock), lock].deep_clone();
    copy[0].lock().expect("free")[1] = 9;
    assert_eq!(*copy[1].lock().expect("free"), [1, 9, 3]);
    let lock: Rc<RwLock<[Rc<u8>]>> = Rc::new(RwLock::new([Rc::new(1), Rc::new(2)]));
    let copy = lock.deep_clone();
    assert_eq!(
        copy.read()
            .expect("free")
            .iter()
            .map(|number| **number)
            .collect::<Vec<_>>(),
        [1, 2]
    );
}

#[test]
fn half_used_iterators_and_cursors() {
    check_by! {
        std::vec::IntoIter<String>: {
            let mut iterator = vec![String::from("a"), String::from("b"), String::from("c"), String::from("d")].into_iter();
            iterator.next();
            iterator.next_back();
            iterator
        } => |it| it.as_slice().to_vec();
        std::vec::IntoIter<u8>: vec![].into_iter() => |it| it.as_slice().to_vec();
        Cursor<Vec<u8>>: {
            let mut cursor = Cursor::new(vec![1, 2, 3]);
            cursor.set_position(2);
            cursor
        } => |it| (it.position(), it.get_ref().clone());
        Cursor<Rc<[u8]>>: Cursor::new(Rc::from([1, 2])) => |it| (it.position(), it.get_ref().to_vec());
        RangeInclusive<u8>: {
            let mut range = 1..=2;
            range.next();
            range.next();
            range
        } => |it| (it.is_empty(), *it.start(), *it.end(), it.clone().next());
    }
}

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
