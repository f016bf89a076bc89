//! Cells and locks, of slices too.

use std::cell::{Cell, OnceCell, RefCell};
use std::num::NonZeroU8;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, OnceLock, RwLock};
use std::time::{Duration, Instant};

use deepclone::DeepClone;

use crate::{check, check_by};

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
