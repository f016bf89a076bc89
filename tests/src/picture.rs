//! What can be reached from a value, drawn by an independent walk: the shape, the addresses and the counts.
//!
//! Two values are isomorphic if their pictures have the same marks: allocations are numbered in the order in which
//! strong edges reach them, and a weak edge is drawn to a number, or to nothing if only weak edges lead there. Nothing here knows the engine.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::{Rc, Weak as RcWeak};
use std::sync::{Arc, Mutex, OnceLock, RwLock, Weak as ArcWeak};

/// A value that can be walked.
pub trait Portrayed {
    /// Draws the value and its edges.
    fn portray(&self, pen: &mut Pen);
}

/// One stroke.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Mark {
    Text(String),
    Number(i128),
    Strong(usize),
    Weak(Target),
}

/// Where a weak edge leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    /// Not known before all strong edges are drawn.
    Alive(usize),
    /// To an allocation of the picture.
    Inside(usize),
    /// To one that strong edges don't reach.
    Outside,
    /// Nowhere.
    Dangling,
}

/// A shared allocation, as it was when it was met first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Shared {
    address: usize,
    strong_count: usize,
    weak_count: usize,
    strong_edges: usize,
    weak_edges: usize,
}

type Pending = Box<dyn FnOnce(&mut Pen)>;

/// Draws; see [`Picture::of`].
#[derive(Default)]
pub struct Pen {
    marks: Vec<Mark>,
    shared: Vec<Shared>,
    numbers: HashMap<usize, usize>,
    owned: HashSet<usize>,
    weak_edges: Vec<usize>,
    pending: VecDeque<Pending>,
}

impl Pen {
    /// Draws a text or a name.
    pub fn text(&mut self, text: &str) {
        self.marks.push(Mark::Text(text.to_owned()));
    }

    /// Draws a number.
    pub fn number(&mut self, number: impl Into<i128>) {
        self.marks.push(Mark::Number(number.into()));
    }

    /// Notes a buffer or a box that is owned.
    pub fn owned<T: ?Sized>(&mut self, address: *const T) {
        self.owned.insert(address.cast::<()>().addr());
    }

    /// Draws a strong edge. What it leads to is drawn later, once.
    pub fn strong<T: ?Sized>(
        &mut self,
        address: *const T,
        strong_count: usize,
        weak_count: usize,
        pointee: impl FnOnce() -> Pending,
    ) {
        let address = address.cast::<()>().addr();
        let number = match self.numbers.get(&address) {
            Some(&number) => number,
            None => {
                let number = self.shared.len();
                self.numbers.insert(address, number);
                self.shared.push(Shared {
                    address,
                    strong_count,
                    weak_count,
                    strong_edges: 0,
                    weak_edges: 0,
                });
                self.pending.push_back(pointee());
                number
            }
        };
        self.shared[number].strong_edges += 1;
        self.marks.push(Mark::Strong(number));
    }

    /// Draws a weak edge; to nowhere if there is no address.
    pub fn weak<T: ?Sized>(&mut self, address: Option<*const T>) {
        let target = match address {
            Some(address) => {
                let address = address.cast::<()>().addr();
                self.weak_edges.push(address);
                Target::Alive(address)
            }
            None => Target::Dangling,
        };
        self.marks.push(Mark::Weak(target));
    }
}

/// All that can be reached from a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    marks: Vec<Mark>,
    shared: Vec<Shared>,
    owned: HashSet<usize>,
}

impl Picture {
    /// Draws a value. While it is drawn, nobody else may change it or its counts.
    pub fn of<T: ?Sized + Portrayed>(value: &T) -> Self {
        let mut pen = Pen::default();
        value.portray(&mut pen);
        while let Some(pointee) = pen.pending.pop_front() {
            pen.text("pointee");
            pointee(&mut pen);
        }
        for address in &pen.weak_edges {
            if let Some(&number) = pen.numbers.get(address) {
                pen.shared[number].weak_edges += 1;
            }
        }
        for mark in &mut pen.marks {
            if let Mark::Weak(target) = mark
                && let Target::Alive(address) = *target
            {
                *target = match pen.numbers.get(&address) {
                    Some(&number) => Target::Inside(number),
                    None => Target::Outside,
                };
            }
        }
        Self {
            marks: pen.marks,
            shared: pen.shared,
            owned: pen.owned,
        }
    }

    /// How many shared allocations are in it.
    pub fn objects(&self) -> usize {
        self.shared.len()
    }

    /// How many strong edges are in it.
    pub fn strong_edges(&self) -> usize {
        self.shared.iter().map(|shared| shared.strong_edges).sum()
    }

    /// How many weak edges to what is in it are in it.
    pub fn weak_edges(&self) -> usize {
        self.shared.iter().map(|shared| shared.weak_edges).sum()
    }

    /// Checks that the picture is that of a copy made from what `source` shows.
    ///
    /// # Panics
    ///
    /// If the shapes differ, if anything is shared, if a weak edge that should dangle does not, or if a count in the
    /// copy is not the number of edges inside the copy.
    #[track_caller]
    pub fn assert_copy_of(&self, source: &Self) {
        self.assert_shape_of(source);
        let originals: HashSet<usize> = source.shared.iter().map(|shared| shared.address).collect();
        for (number, shared) in self.shared.iter().enumerate() {
            assert!(
                !originals.contains(&shared.address),
                "allocation {number} is shared with the source"
            );
        }
        assert!(
            self.owned.is_disjoint(&source.owned),
            "a buffer is shared with the source"
        );
        self.assert_counts();
    }

    /// Checks that the picture has the shape that a copy of `source` has, wherever it lies; the source may be gone.
    ///
    /// # Panics
    ///
    /// If the shapes differ, or if a weak edge that should dangle does not.
    #[track_caller]
    pub fn assert_shape_of(&self, source: &Self) {
        for (index, (copied, original)) in self.marks.iter().zip(&source.marks).enumerate() {
            let expected = match original {
                Mark::Weak(Target::Outside | Target::Dangling) => &Mark::Weak(Target::Dangling),
                other => other,
            };
            assert_eq!(
                copied, expected,
                "mark {index} of the copy is not that of the source"
            );
        }
        assert_eq!(
            self.marks.len(),
            source.marks.len(),
            "the copy has as many marks as the source"
        );
    }

    /// Checks that every strong and weak count is the number of edges in the picture.
    ///
    /// # Panics
    ///
    /// If one is not.
    #[track_caller]
    pub fn assert_counts(&self) {
        for (number, shared) in self.shared.iter().enumerate() {
            assert_eq!(
                shared.strong_count, shared.strong_edges,
                "strong count of allocation {number}"
            );
            assert_eq!(
                shared.weak_count, shared.weak_edges,
                "weak count of allocation {number}"
            );
        }
    }
}

/// Checks a copy and its source: the copy as in [`Picture::assert_copy_of`], the source by what it looked like before.
///
/// # Panics
///
/// If the copy is none, or if anything about the source has changed: addresses and counts too.
#[track_caller]
pub fn assert_copied<T: ?Sized + Portrayed>(before: &Picture, source: &T, copy: &T) {
    assert_unmoved(before, source);
    Picture::of(copy).assert_copy_of(before);
}

/// Checks that a source looks as it did before, addresses and counts too.
///
/// # Panics
///
/// If it doesn't.
#[track_caller]
pub fn assert_unmoved<T: ?Sized + Portrayed>(before: &Picture, source: &T) {
    let after = Picture::of(source);
    assert_eq!(after.shared, before.shared, "allocations of the source");
    assert!(after == *before, "the source is not what it was");
}

macro_rules! numbers {
    ($($number:ty)*) => { $(
        impl Portrayed for $number {
            fn portray(&self, pen: &mut Pen) {
                pen.number(*self);
            }
        }
    )* };
}

numbers! { u8 u16 u32 u64 i8 i16 i32 i64 bool }

impl Portrayed for usize {
    fn portray(&self, pen: &mut Pen) {
        pen.number(i128::try_from(*self).expect("a small number"));
    }
}

impl Portrayed for () {
    fn portray(&self, _: &mut Pen) {}
}

impl Portrayed for str {
    fn portray(&self, pen: &mut Pen) {
        pen.text(self);
    }
}

impl Portrayed for String {
    fn portray(&self, pen: &mut Pen) {
        if self.capacity() > 0 {
            pen.owned(self.as_ptr());
        }
        pen.text(self);
    }
}

impl<T: Portrayed> Portrayed for Option<T> {
    fn portray(&self, pen: &mut Pen) {
        match self {
            Some(value) => {
                pen.text("Some");
                value.portray(pen);
            }
            None => pen.text("None"),
        }
    }
}

impl<T: Portrayed> Portrayed for [T] {
    fn portray(&self, pen: &mut Pen) {
        self.len().portray(pen);
        for element in self {
            element.portray(pen);
        }
    }
}

impl<T: Portrayed, const N: usize> Portrayed for [T; N] {
    fn portray(&self, pen: &mut Pen) {
        self.as_slice().portray(pen);
    }
}

impl<T: Portrayed> Portrayed for Vec<T> {
    fn portray(&self, pen: &mut Pen) {
        if self.capacity() > 0 && size_of::<T>() > 0 {
            pen.owned(self.as_ptr());
        }
        self.as_slice().portray(pen);
    }
}

impl<T: Portrayed> Portrayed for VecDeque<T> {
    fn portray(&self, pen: &mut Pen) {
        self.len().portray(pen);
        for element in self {
            element.portray(pen);
        }
    }
}

impl<T: ?Sized + Portrayed> Portrayed for Box<T> {
    fn portray(&self, pen: &mut Pen) {
        if size_of_val(&**self) > 0 {
            pen.owned(&raw const **self);
        }
        (**self).portray(pen);
    }
}

impl<A: Portrayed, B: Portrayed> Portrayed for (A, B) {
    fn portray(&self, pen: &mut Pen) {
        self.0.portray(pen);
        self.1.portray(pen);
    }
}

impl<A: Portrayed, B: Portrayed, C: Portrayed> Portrayed for (A, B, C) {
    fn portray(&self, pen: &mut Pen) {
        self.0.portray(pen);
        self.1.portray(pen);
        self.2.portray(pen);
    }
}

impl<K: Portrayed, V: Portrayed> Portrayed for BTreeMap<K, V> {
    fn portray(&self, pen: &mut Pen) {
        self.len().portray(pen);
        for (key, value) in self {
            key.portray(pen);
            value.portray(pen);
        }
    }
}

impl<K: Portrayed> Portrayed for BTreeSet<K> {
    fn portray(&self, pen: &mut Pen) {
        self.len().portray(pen);
        for key in self {
            key.portray(pen);
        }
    }
}

impl<K: Portrayed + Ord, V: Portrayed, S> Portrayed for HashMap<K, V, S> {
    fn portray(&self, pen: &mut Pen) {
        let mut entries: Vec<(&K, &V)> = self.iter().collect();
        entries.sort_by_key(|entry| entry.0);
        entries.len().portray(pen);
        for (key, value) in entries {
            key.portray(pen);
            value.portray(pen);
        }
    }
}

impl<K: Portrayed + Ord, S> Portrayed for HashSet<K, S> {
    fn portray(&self, pen: &mut Pen) {
        let mut keys: Vec<&K> = self.iter().collect();
        keys.sort();
        keys.len().portray(pen);
        for key in keys {
            key.portray(pen);
        }
    }
}

impl<T: ?Sized + Portrayed> Portrayed for RefCell<T> {
    fn portray(&self, pen: &mut Pen) {
        self.borrow().portray(pen);
    }
}

macro_rules! portrayed_once {
    ($($once:ident),*) => { $(
        impl<T: Portrayed> Portrayed for $once<T> {
            fn portray(&self, pen: &mut Pen) {
                match self.get() {
                    Some(value) => {
                        pen.text("set");
                        value.portray(pen);
                    }
                    None => pen.text("unset"),
                }
            }
        }
    )* };
}

portrayed_once!(OnceCell, OnceLock);

impl<T: Portrayed + Default> Portrayed for Cell<T> {
    fn portray(&self, pen: &mut Pen) {
        let content = self.take();
        content.portray(pen);
        self.set(content);
    }
}

impl<T: ?Sized + Portrayed> Portrayed for Mutex<T> {
    fn portray(&self, pen: &mut Pen) {
        self.try_lock()
            .expect("a mutex at rest")
            .portray_content(pen);
    }
}

impl<T: ?Sized + Portrayed> Portrayed for RwLock<T> {
    fn portray(&self, pen: &mut Pen) {
        self.try_write()
            .expect("a lock at rest")
            .portray_content(pen);
    }
}

/// Draws what a guard guards.
trait PortrayContent {
    fn portray_content(&self, pen: &mut Pen);
}

impl<G: std::ops::Deref<Target: Portrayed>> PortrayContent for G {
    fn portray_content(&self, pen: &mut Pen) {
        (**self).portray(pen);
    }
}

macro_rules! pointers {
    ($($strong:ident $weak:ident;)*) => { $(
        impl<T: ?Sized + Portrayed + 'static> Portrayed for $strong<T> {
            fn portray(&self, pen: &mut Pen) {
                let (strong, weak) = ($strong::strong_count(self), $strong::weak_count(self));
                pen.strong($strong::as_ptr(self), strong, weak, || {
                    let handle = $strong::clone(self);
                    Box::new(move |pen| (*handle).portray(pen))
                });
            }
        }

        impl<T: ?Sized> Portrayed for $weak<T> {
            fn portray(&self, pen: &mut Pen) {
                let target = self.upgrade();
                pen.weak(target.as_ref().map($strong::as_ptr));
            }
        }
    )* };
}

pointers! {
    Rc RcWeak;
    Arc ArcWeak;
}
