//! Parameters of every kind: the bounds that are inferred, and those that are written by hand.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::rc::Rc;

use deepclone::DeepClone;

use super::{NotClonable, same};

trait Graph {
    type Node;
    type Edge<'a>;
}

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
    optional: Option<fn(&str) -> usize>,
    several: [fn(&T) -> usize; 2],
    nested: std::option::Option<(fn(&mut u8),)>,
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
        optional: Some(str::len),
        several: [|_| 1, |_| 2],
        nested: Some((|number| *number += 1,)),
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
    assert_eq!(copy.optional.map(|length| length("abcd")), Some(4));
    assert_eq!(copy.several.map(|call| call(&NotClonable)), [1, 2]);
    let (add,) = copy.nested.expect("it was there");
    let mut number = 6;
    add(&mut number);
    assert_eq!(number, 7);
    let Callback::Plain(length) = Cell::new(Callback::Plain(str::len)).deep_clone().get() else {
        unreachable!()
    };
    assert_eq!(length("abc"), 3);
    assert!(matches!(Callback::None.deep_clone(), Callback::None));
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
