//! What derived impls do when they run: every shape, every word, and what is left behind when a field fails.

use std::cell::{Cell, RefCell};
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use deepclone::{Cloner, DeepClone, Error, ErrorKind, impl_deep_clone};

fn same<T: DeepClone + PartialEq + Debug>(value: &T) {
    assert_eq!(&value.deep_clone(), value);
    assert_eq!(
        &value.try_deep_clone().expect("nothing in it can fail"),
        value
    );
}

#[derive(DeepClone, Debug, PartialEq, Clone, Copy)]
struct Plain {
    small: u8,
    large: u64,
}

#[derive(DeepClone, Debug, PartialEq)]
struct Tuple(String, Plain, Vec<Plain>);

#[derive(DeepClone, Debug, PartialEq)]
struct Unit;

#[derive(DeepClone, Debug, PartialEq)]
struct Braces {}

#[test]
fn structs_of_every_kind() {
    same(&Plain { small: 1, large: 2 });
    same(&Tuple(
        "a".to_owned(),
        Plain { small: 1, large: 2 },
        vec![Plain { small: 3, large: 4 }],
    ));
    same(&Unit);
    same(&Braces {});
    same(&vec![Unit, Unit]);
}

#[test]
fn owned_fields_are_copies() {
    let source = Tuple("a".to_owned(), Plain { small: 1, large: 2 }, Vec::new());
    let mut copy = source.deep_clone();
    copy.0.push('b');
    assert_eq!(source.0, "a");
    assert_ne!(copy.0.as_ptr(), source.0.as_ptr());
}

#[derive(DeepClone, Debug, PartialEq)]
enum Never {}

#[derive(DeepClone, Debug, PartialEq)]
enum Shape {
    Point,
    Circle(u32),
    Named {
        r#type: String,
        inner: Box<Shape>,
    },
    Pair(String, u8),
    Empty {},
    NoField(),
    #[allow(dead_code)]
    Impossible(Never, String),
}

#[test]
fn enums_with_every_kind_of_variant() {
    let inner = Box::new(Shape::Pair("b".to_owned(), 1));
    for shape in [
        Shape::Point,
        Shape::Circle(3),
        Shape::Named {
            r#type: "a".to_owned(),
            inner,
        },
        Shape::Pair("c".to_owned(), 2),
        Shape::Empty {},
        Shape::NoField(),
    ] {
        same(&shape);
    }
    same(&None::<Never>);
}

#[derive(DeepClone, Debug, PartialEq, Clone, Copy)]
#[repr(i16)]
enum Level {
    Low = -3,
    Middle,
    High = 300,
}

#[derive(DeepClone, Debug, PartialEq)]
#[repr(C, u8)]
enum Tagged {
    Number(u64) = 7,
    Text(String) = 9,
    Bare = 200,
}

/// The discriminant is in the niche of a field.
#[derive(DeepClone, Debug, PartialEq)]
enum Niche {
    Text(String),
    Number(u16),
    Flags(bool, bool),
    Bare,
}

#[derive(DeepClone, Debug, PartialEq)]
enum InBool {
    Flag(bool),
    A,
    B,
}

#[derive(DeepClone, Debug, PartialEq)]
enum Single {
    Only(String),
}

#[derive(DeepClone, Debug, PartialEq)]
enum Nested {
    Deep(Option<Option<InBool>>),
    Shallow(Niche),
    Neither,
}

#[test]
fn every_way_to_store_a_discriminant() {
    for level in [Level::Low, Level::Middle, Level::High] {
        same(&level);
    }
    for tagged in [
        Tagged::Number(1),
        Tagged::Text("a".to_owned()),
        Tagged::Bare,
    ] {
        same(&tagged);
    }
    for niche in [
        Niche::Text("a".to_owned()),
        Niche::Number(1),
        Niche::Flags(true, false),
        Niche::Bare,
    ] {
        same(&niche);
        same(&Some(Box::new(niche)));
    }
    for in_bool in [
        InBool::Flag(true),
        InBool::Flag(false),
        InBool::A,
        InBool::B,
    ] {
        same(&in_bool);
        same(&Nested::Deep(Some(Some(in_bool))));
    }
    same(&Nested::Deep(Some(None)));
    same(&Nested::Deep(None));
    same(&Nested::Shallow(Niche::Bare));
    same(&Nested::Neither);
    same(&Single::Only("a".to_owned()));
}

#[derive(DeepClone, Debug)]
enum Shared {
    Counted(AtomicU32, u8),
    Locked(Mutex<String>),
    Celled(Cell<u8>, RefCell<Vec<u8>>),
    Plain(u8),
}

#[test]
fn variants_whose_bytes_may_change_while_they_are_read() {
    let Shared::Counted(count, small) = Shared::Counted(AtomicU32::new(3), 4).deep_clone() else {
        unreachable!()
    };
    assert_eq!((count.load(Ordering::Relaxed), small), (3, 4));
    let Shared::Locked(text) = Shared::Locked(Mutex::new("a".to_owned())).deep_clone() else {
        unreachable!()
    };
    assert_eq!(*text.lock().expect("it is not poisoned"), "a");
    let celled = Shared::Celled(Cell::new(1), RefCell::new(vec![2]));
    let Shared::Celled(cell, list) = celled.deep_clone() else {
        unreachable!()
    };
    assert_eq!((cell.get(), list.into_inner()), (1, vec![2]));
    assert!(matches!(Shared::Plain(1).deep_clone(), Shared::Plain(1)));
}

trait Graph {
    type Node;
    type Edge<'a>;
}

#[derive(Debug, PartialEq)]
struct NotClonable;

impl Graph for NotClonable {
    type Node = String;
    type Edge<'a> = &'a str;
}

#[derive(DeepClone)]
struct Generic<'a, G: Graph, T, U = u8, const N: usize = 2>
where
    T: Default,
{
    nodes: Vec<G::Node>,
    last: Option<<G as Graph>::Node>,
    edge: G::Edge<'a>,
    value: T,
    list: [U; N],
    marker: PhantomData<G>,
    borrowed: &'a NotClonable,
    function: fn(u8) -> u8,
}

#[test]
fn generics_of_every_kind() {
    let copy = Generic::<NotClonable, String> {
        nodes: vec!["a".to_owned()],
        last: Some("b".to_owned()),
        edge: "c",
        value: "d".to_owned(),
        list: [1, 2],
        marker: PhantomData,
        borrowed: &NotClonable,
        function: |number| number + 1,
    }
    .deep_clone();
    assert_eq!(
        (copy.nodes, copy.last, copy.edge),
        (vec!["a".to_owned()], Some("b".to_owned()), "c")
    );
    assert_eq!(
        (copy.value.as_str(), copy.list, (copy.function)(1)),
        ("d", [1, 2], 2)
    );
}

#[derive(DeepClone)]
struct Callbacks<T> {
    name: String,
    of_parameter: fn(&T) -> usize,
    of_lifetime: for<'a> fn(&'a str, &mut u8) -> &'a str,
    foreign: extern "C" fn(u8) -> u8,
}

#[derive(DeepClone, Clone, Copy)]
enum Callback {
    Plain(fn(&str) -> usize),
    None,
}

extern "C" fn next_number(number: u8) -> u8 {
    number + 1
}

#[test]
fn function_pointers_general_over_lifetimes() {
    let callbacks = Callbacks::<NotClonable> {
        name: "n".to_owned(),
        of_parameter: |_| 3,
        of_lifetime: |text, _| &text[1..],
        foreign: next_number,
    };
    let copy = callbacks.deep_clone();
    assert_eq!(
        (copy.name.as_str(), (copy.of_parameter)(&NotClonable)),
        ("n", 3)
    );
    assert_eq!(
        ((copy.of_lifetime)("ab", &mut 0), (copy.foreign)(1)),
        ("b", 2)
    );
    let Callback::Plain(length) = Cell::new(Callback::Plain(str::len)).deep_clone().get() else {
        unreachable!()
    };
    assert_eq!(length("abc"), 3);
    assert!(matches!(Callback::None.deep_clone(), Callback::None));
}

#[derive(DeepClone)]
enum WithWords<T> {
    Shared(#[deepclone(clone)] Rc<T>, u8),
    Fresh {
        #[deepclone(default)]
        option: Option<T>,
        #[deepclone(with = half)]
        half: u32,
        #[deepclone(default = 9)]
        nine: u8,
        #[deepclone(try_with = checked)]
        limit: u32,
    },
}

#[test]
fn words_of_fields_in_variants() {
    let shared = Rc::new(NotClonable);
    let WithWords::Shared(copy, 4) = WithWords::Shared(Rc::clone(&shared), 4).deep_clone() else {
        unreachable!()
    };
    assert!(Rc::ptr_eq(&copy, &shared));
    let fresh = WithWords::Fresh {
        option: Some(NotClonable),
        half: 8,
        nine: 0,
        limit: 1,
    };
    let WithWords::Fresh {
        option,
        half,
        nine,
        limit,
    } = fresh.deep_clone()
    else {
        unreachable!()
    };
    assert_eq!((option, half, nine, limit), (None, 4, 9, 2));
    let fresh = WithWords::Fresh {
        option: Some(NotClonable),
        half: 8,
        nine: 0,
        limit: 101,
    };
    let error = fresh.try_deep_clone().err().expect("the limit is too high");
    assert_eq!(error.path(), "WithWords::Fresh.limit");
}

#[derive(DeepClone, Debug, PartialEq)]
struct List<T> {
    value: T,
    next: Option<Box<List<T>>>,
}

#[derive(DeepClone, Debug, PartialEq)]
enum Even<T> {
    End,
    More(T, Box<Odd<T>>),
}

#[derive(DeepClone, Debug, PartialEq)]
struct Odd<T>(T, Box<Even<T>>);

#[derive(DeepClone)]
struct Index<K, V, S> {
    by_key: HashMap<K, Vec<V>, S>,
    seen: HashSet<(K, u8), S>,
    ordered: BTreeMap<V, BTreeSet<K>>,
    heap: BinaryHeap<V>,
}

/// A hasher that is neither `Default` nor `DeepClone`.
#[derive(Clone)]
struct Hasher(RandomState);

impl BuildHasher for Hasher {
    type Hasher = <RandomState as BuildHasher>::Hasher;

    fn build_hasher(&self) -> Self::Hasher {
        self.0.build_hasher()
    }
}

#[test]
fn keyed_containers_of_parameters() {
    let hasher = Hasher(RandomState::new());
    let mut index = Index {
        by_key: HashMap::with_hasher(hasher.clone()),
        seen: HashSet::with_hasher(hasher),
        ordered: [("v".to_owned(), BTreeSet::from([1]))].into(),
        heap: ["h".to_owned()].into(),
    };
    index.by_key.insert(1, vec!["a".to_owned()]);
    index.seen.insert((1, 2));
    let copy = index.deep_clone();
    assert_eq!(
        (&copy.by_key[&1][0], copy.seen.contains(&(1, 2))),
        (&"a".to_owned(), true)
    );
    assert_eq!(
        (copy.ordered, copy.heap.into_vec()),
        (index.ordered, vec!["h".to_owned()])
    );
}

/// An associated type that leads back: its bound stands in the trait.
trait Linked {
    type Link: DeepClone;
}

struct Boxed;

impl Linked for Boxed {
    type Link = Option<Box<Chain<Boxed>>>;
}

#[derive(DeepClone)]
#[deepclone(bound = "")]
struct Chain<L: Linked> {
    name: String,
    link: L::Link,
}

#[test]
fn recursion_through_an_associated_type() {
    let inner = Chain::<Boxed> {
        name: "b".to_owned(),
        link: None,
    };
    let chain = Chain::<Boxed> {
        name: "a".to_owned(),
        link: Some(Box::new(inner)),
    };
    let copy = chain.deep_clone();
    assert_eq!(
        (
            copy.name.as_str(),
            copy.link.expect("it was copied").name.as_str()
        ),
        ("a", "b")
    );
}

#[test]
fn recursive_generics() {
    same(&List {
        value: 1,
        next: Some(Box::new(List {
            value: 2,
            next: None,
        })),
    });
    same(&Even::More(
        "a".to_owned(),
        Box::new(Odd("b".to_owned(), Box::new(Even::End))),
    ));
}

#[derive(DeepClone)]
struct Tail<T: ?Sized> {
    head: String,
    #[deepclone(default = 9)]
    nine: u8,
    #[deepclone(clone)]
    shared: Rc<str>,
    tail: T,
}

trait Speak: DeepClone {
    fn speak(&self) -> String;
}

impl Speak for String {
    fn speak(&self) -> String {
        self.clone()
    }
}

#[test]
fn unsized_tails() {
    let shared: Rc<str> = Rc::from("s");
    let make = || ("a".to_owned(), 1, Rc::clone(&shared));
    let (head, nine, rc) = make();
    let slice: Box<Tail<[String]>> = Box::new(Tail {
        head,
        nine,
        shared: rc,
        tail: ["b".to_owned(), "c".to_owned()],
    });
    let copy = slice.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.nine, &copy.tail),
        ("a", 9, ["b".to_owned(), "c".to_owned()].as_slice())
    );
    assert!(Rc::ptr_eq(&copy.shared, &shared));

    let (head, nine, rc) = make();
    let object: Rc<Tail<dyn Speak>> = Rc::new(Tail {
        head,
        nine,
        shared: rc,
        tail: "hello".to_owned(),
    });
    let copy = object.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.nine, copy.tail.speak().as_str()),
        ("a", 9, "hello")
    );
    assert!(!Rc::ptr_eq(&copy, &object));

    let (head, nine, rc) = make();
    let sized = Tail {
        head,
        nine,
        shared: rc,
        tail: 7_u64,
    };
    assert_eq!((sized.deep_clone().tail, sized.deep_clone().nine), (7, 9));

    let (head, nine, rc) = make();
    let nested: Box<Tail<Tail<[u8]>>> = Box::new(Tail {
        head: "n".to_owned(),
        nine: 0,
        shared: Rc::clone(&rc),
        tail: Tail {
            head,
            nine,
            shared: rc,
            tail: [1, 2],
        },
    });
    let copy = nested.deep_clone();
    assert_eq!(
        (copy.head.as_str(), copy.tail.head.as_str(), &copy.tail.tail),
        ("n", "a", [1, 2].as_slice())
    );
}

#[derive(DeepClone)]
#[repr(C, packed)]
struct Packed<T>
where
    T: Copy,
{
    small: u8,
    large: T,
}

#[test]
fn packed_structs() {
    let copy = Packed {
        small: 1,
        large: 70_000_u32,
    }
    .deep_clone();
    assert_eq!((copy.small, { copy.large }), (1, 70_000));
    let copies = vec![
        Packed {
            small: 1,
            large: 2_u64,
        },
        Packed { small: 3, large: 4 },
    ]
    .deep_clone();
    assert_eq!({ copies[1].large }, 4);
}

#[derive(DeepClone, Clone, Copy)]
#[deepclone(clone)]
union Bits {
    float: f32,
    int: u32,
}

#[test]
fn a_union_that_is_copied_whole() {
    let copies = [Bits { int: 3 }, Bits { float: 1.0 }].deep_clone();
    assert_eq!(copies.len(), 2);
}

#[derive(DeepClone)]
struct Account<T> {
    #[deepclone(clone)]
    bank: Rc<T>,
    #[deepclone(default)]
    cache: Option<T>,
    #[deepclone(default = Self::START)]
    start: u32,
    #[deepclone(with = half)]
    balance: u32,
    #[deepclone(with = str::to_owned)]
    name: String,
    #[deepclone(try_with = checked)]
    limit: u32,
    deep: Rc<T>,
}

impl<T> Account<T> {
    const START: u32 = 5;
}

fn half(balance: &u32) -> u32 {
    balance / 2
}

struct TooHigh(u32);

impl From<TooHigh> for Error {
    fn from(too_high: TooHigh) -> Self {
        Self::custom(format!("{} is too high", too_high.0))
    }
}

fn checked(limit: &u32, cloner: &mut Cloner<'_>) -> Result<u32, TooHigh> {
    if *limit > 100 {
        return Err(TooHigh(*limit));
    }
    Ok(cloner.deep_clone(limit).expect("a number is always copied") + 1)
}

fn account(limit: u32) -> Account<String> {
    Account {
        bank: Rc::new("b".to_owned()),
        cache: Some("c".to_owned()),
        start: 0,
        balance: 4,
        name: "n".to_owned(),
        limit,
        deep: Rc::new("d".to_owned()),
    }
}

#[test]
fn words_of_fields() {
    let source = account(9);
    let copy = source.deep_clone();
    assert!(Rc::ptr_eq(&copy.bank, &source.bank));
    assert!(!Rc::ptr_eq(&copy.deep, &source.deep));
    assert_eq!(
        (copy.cache, copy.start, copy.balance, copy.name, copy.limit),
        (None, 5, 2, "n".to_owned(), 10)
    );
    assert_eq!(source.cache.as_deref(), Some("c"));
}

#[test]
fn a_field_that_fails_is_named() {
    let error = account(101)
        .try_deep_clone()
        .err()
        .expect("the limit is too high");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(error.path(), "Account.limit");
    assert!(error.to_string().contains("101 is too high"), "{error}");

    #[derive(DeepClone)]
    enum Wallet {
        Cards { accounts: Vec<Account<String>> },
        Cash(u8, RefCell<u8>),
    }

    #[derive(DeepClone)]
    struct Person {
        wallet: Wallet,
    }

    let person = Person {
        wallet: Wallet::Cards {
            accounts: vec![account(1), account(102)],
        },
    };
    let error = person
        .try_deep_clone()
        .err()
        .expect("the limit is too high");
    assert_eq!(error.path(), "Person.wallet::Cards.accounts[1].limit");
    let person = Person {
        wallet: Wallet::Cash(1, RefCell::new(2)),
    };
    let Wallet::Cash(_, cell) = &person.wallet else {
        unreachable!()
    };
    let guard = cell.borrow_mut();
    let error = person.try_deep_clone().err().expect("the cell is borrowed");
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::AlreadyBorrowed, "Person.wallet::Cash.1")
    );
    drop(guard);
    assert!(matches!(person.deep_clone().wallet, Wallet::Cash(1, _)));
}

#[derive(DeepClone)]
#[deepclone(clone)]
struct ByClone<T>(Rc<T>);

impl<T> Clone for ByClone<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

#[derive(DeepClone)]
#[deepclone(with = Self::copy)]
struct With<T> {
    value: Rc<T>,
}

impl<T: DeepClone> With<T> {
    fn copy(&self, cloner: &mut Cloner<'_>) -> Result<Self, Error> {
        Ok(Self {
            value: cloner.deep_clone(&self.value)?,
        })
    }
}

#[derive(DeepClone)]
#[deepclone(try_with = next, bound = "T: Copy")]
struct Counter<T>(u32, T);

fn next<T: Copy>(counter: &Counter<T>, _cloner: &mut Cloner<'_>) -> Result<Counter<T>, TooHigh> {
    if counter.0 == 100 {
        Err(TooHigh(100))
    } else {
        Ok(Counter(counter.0 + 1, counter.1))
    }
}

#[derive(DeepClone)]
#[deepclone(with = never)]
enum WithVariants {
    #[allow(dead_code)]
    Never(Never),
    Other(#[allow(dead_code)] NotClonable),
}

fn never(_source: &WithVariants, _cloner: &mut Cloner<'_>) -> Result<WithVariants, Error> {
    Ok(WithVariants::Other(NotClonable))
}

#[test]
fn words_of_types() {
    let by_clone = ByClone(Rc::new(NotClonable));
    assert!(Rc::ptr_eq(&by_clone.deep_clone().0, &by_clone.0));
    let with = With { value: Rc::new(1) };
    assert!(!Rc::ptr_eq(&with.deep_clone().value, &with.value));
    let counter = Counter(1, "a").deep_clone();
    assert_eq!((counter.0, counter.1), (2, "a"));
    let error = Counter(100, "a")
        .try_deep_clone()
        .err()
        .expect("100 is too high");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert!(matches!(
        WithVariants::Other(NotClonable).deep_clone(),
        WithVariants::Other(NotClonable)
    ));
}

#[derive(DeepClone)]
#[deepclone(bound = "")]
struct Handle<T> {
    #[deepclone(clone)]
    shared: Rc<T>,
}

#[derive(DeepClone)]
struct Mixed<T, U> {
    #[deepclone(bound = "")]
    handle: Handle<T>,
    value: U,
}

#[test]
fn bounds_written_by_hand() {
    let mixed = Mixed {
        handle: Handle {
            shared: Rc::new(NotClonable),
        },
        value: 3,
    };
    let copy = mixed.deep_clone();
    assert!(Rc::ptr_eq(&copy.handle.shared, &mixed.handle.shared));
    assert_eq!(copy.value, 3);
}

struct Ring<T> {
    slot: Rc<T>,
}

impl_deep_clone! { impl<T: DeepClone> for Ring<T> = |ring, cloner| Ok(Ring { slot: cloner.deep_clone(&ring.slot)? }) }

struct Matrix<'a, const N: usize>([u8; N], &'a str)
where
    [u8; N]: Default;

impl_deep_clone! { impl<'a, const N: usize> for Matrix<'a, N> where [u8; N]: Default = Matrix::copy }

impl<const N: usize> Matrix<'_, N>
where
    [u8; N]: Default,
{
    fn copy(&self, _cloner: &mut Cloner<'_>) -> Result<Self, TooHigh> {
        if N > 3 {
            Err(TooHigh(4))
        } else {
            Ok(Matrix(self.0, self.1))
        }
    }
}

#[test]
fn types_written_by_hand() {
    let shared = Rc::new(1);
    let rings = vec![
        Ring {
            slot: Rc::clone(&shared),
        },
        Ring { slot: shared },
    ];
    let copies = rings.deep_clone();
    assert!(Rc::ptr_eq(&copies[0].slot, &copies[1].slot));
    assert!(!Rc::ptr_eq(&copies[0].slot, &rings[0].slot));
    assert_eq!(Matrix([1, 2], "m").deep_clone().0, [1, 2]);
    assert_eq!(
        Matrix([1, 2, 3, 4], "m")
            .try_deep_clone()
            .err()
            .expect("4 is too high")
            .kind(),
        ErrorKind::Custom
    );
}

#[derive(DeepClone, Clone, Copy, Debug, PartialEq)]
enum Token {
    Open,
    Number(u32),
}

#[test]
fn copy_types_in_cells_and_maps() {
    assert_eq!(
        Cell::new(Token::Number(3)).deep_clone().get(),
        Token::Number(3)
    );
    assert_eq!(
        Cell::new(Plain { small: 1, large: 2 }).deep_clone().get(),
        Plain { small: 1, large: 2 }
    );
    let map: HashMap<u8, Token> = [(1, Token::Open), (2, Token::Number(4))].into();
    assert_eq!(map.deep_clone(), map);
}

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Counts the living, and fails when its turn has come.
struct Tracked(#[allow(dead_code)] Box<u8>);

impl Tracked {
    fn new() -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Box::new(1))
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl_deep_clone! {
    impl for Tracked = |_tracked, _cloner| {
        let left = LEFT.get();
        LEFT.set(left.wrapping_sub(1));
        match left {
            0 => Err(Error::custom("its turn has come")),
            1000 => panic!("its turn has come"),
            _ => Ok(Tracked::new()),
        }
    }
}

#[derive(DeepClone)]
struct Parts {
    first: Tracked,
    text: String,
    #[deepclone(default = Tracked::new())]
    fresh: Tracked,
    choice: Choice,
    list: Vec<Tracked>,
    tail: Box<Tail<[Tracked]>>,
    last: Tracked,
}

#[derive(DeepClone)]
enum Choice {
    Both(Tracked, String, Tracked),
    #[allow(dead_code)]
    Neither,
}

#[test]
fn a_failure_at_any_field_leaves_nothing_behind() {
    let source = Parts {
        first: Tracked::new(),
        text: "t".to_owned(),
        fresh: Tracked::new(),
        choice: Choice::Both(Tracked::new(), "c".to_owned(), Tracked::new()),
        list: vec![Tracked::new(), Tracked::new()],
        tail: Box::new(Tail {
            head: "h".to_owned(),
            nine: 0,
            shared: Rc::from("s"),
            tail: [Tracked::new(), Tracked::new()],
        }),
        last: Tracked::new(),
    };
    let living = LIVE.get();
    for turn in 0..8 {
        LEFT.set(turn);
        let error = source.try_deep_clone().err().expect("one of them fails");
        assert_eq!(error.kind(), ErrorKind::Custom, "{turn}");
        assert_eq!(LIVE.get(), living, "{turn}");
        LEFT.set(1000 + turn);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            drop(source.try_deep_clone())
        }))
        .expect_err("one of them panics");
        assert_eq!(LIVE.get(), living, "{turn}");
    }
    LEFT.set(usize::MAX);
    let copy = source.deep_clone();
    assert_eq!(LIVE.get(), 2 * living);
    drop(copy);
    assert_eq!(LIVE.get(), living);
    assert_eq!(
        (source.text.as_str(), source.tail.head.as_str()),
        ("t", "h")
    );
}

#[derive(DeepClone)]
struct Returns {
    #[deepclone(default = return 3)]
    returned: u32,
    #[deepclone(default = nothing()?.checked_add(1))]
    asked: Option<u32>,
    #[deepclone(default = 'labelled: { break 'labelled 6 })]
    looped: u32,
    #[deepclone(default = { 1 } + 2)]
    summed: u32,
}

fn nothing() -> Option<u32> {
    None
}

#[test]
fn expressions_can_only_leave_themselves() {
    let copy = Returns {
        returned: 0,
        asked: Some(1),
        looped: 0,
        summed: 0,
    }
    .deep_clone();
    assert_eq!(
        (copy.returned, copy.asked, copy.looped, copy.summed),
        (3, None, 6, 3)
    );
}
