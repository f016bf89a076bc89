//! What can be reached from a value, drawn by an independent walk: the shape, the addresses and the counts.
//!
//! Two values are isomorphic if their pictures have the same marks: allocations are numbered in the order in which
//! strong edges reach them, and a weak edge is drawn to a number, or to nothing if only weak edges lead there. Nothing here knows the engine.

mod walks;

use std::collections::{HashMap, HashSet, VecDeque};

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
