//! How values of the standard library's types are drawn.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::{Rc, Weak as RcWeak};
use std::sync::{Arc, Mutex, OnceLock, RwLock, Weak as ArcWeak};

use super::{Pen, Portrayed};

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
