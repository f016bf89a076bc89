//! Keys whose hash is what lies beside their own map in the same cell: the same before the map is filled and after.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that lead to cells are the point"
)]

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::{Mutex, RwLock};

use deepclone::DeepClone;

/// Opens a cell for reading, beside other readers.
trait Read<T> {
    fn read(&self, look: impl FnOnce(&T) -> u32) -> u32;
}

impl<T> Read<T> for RefCell<T> {
    fn read(&self, look: impl FnOnce(&T) -> u32) -> u32 {
        look(&self.borrow())
    }
}

impl<T> Read<T> for RwLock<T> {
    fn read(&self, look: impl FnOnce(&T) -> u32) -> u32 {
        look(&self.try_read().expect("nobody writes to it"))
    }
}

macro_rules! beside {
    ($($name:ident: $outer:ident, $take:ident;)*) => { $(
        mod $name {
            use super::*;

            #[derive(DeepClone, Default)]
            struct Content {
                number: u32,
                set: HashSet<Key>,
                in_locks: Vec<Mutex<HashSet<Key>>>,
                in_cells: Vec<RefCell<BTreeSet<Key>>>,
            }

            #[derive(DeepClone)]
            struct Node {
                content: $outer<Content>,
            }

            #[derive(DeepClone, Clone)]
            struct Key(Rc<Node>, u32);

            impl Key {
                fn rank(&self) -> u32 {
                    Read::read(&self.0.content, |content| content.number) + self.1
                }
            }

            deepclone_tests::ranked!(Key);

            #[test]
            fn a_key_that_reads_beside_its_map_is_found() {
                let source = Rc::new(Node {
                    content: $outer::new(Content { number: 7, ..Content::default() }),
                });
                let keys = |node: &Rc<Node>| [Key(node.clone(), 1), Key(node.clone(), 2)];
                let content = Content {
                    number: 7,
                    set: keys(&source).into(),
                    in_locks: vec![Mutex::new(keys(&source).into())],
                    in_cells: vec![RefCell::default(), RefCell::new(keys(&source).into())],
                };
                *source.content.$take().expect("free") = content;
                let copy = source.deep_clone();
                for key in keys(&copy) {
                    let read = |look: &dyn Fn(&Content) -> bool| {
                        Read::read(&copy.content, |content| u32::from(look(content))) == 1
                    };
                    assert!(read(&|content| content.set.contains(&key)));
                    assert!(read(&|content| content.in_locks[0].lock().expect("free").contains(&key)));
                    assert!(read(&|content| content.in_cells[1].borrow().contains(&key)));
                }
                for node in [&source, &copy] {
                    let content = std::mem::take(&mut *node.content.$take().expect("free"));
                    drop(content);
                    assert_eq!(Rc::strong_count(node), 1);
                }
            }
        }
    )* };
}

beside! {
    in_ref_cells: RefCell, try_borrow_mut;
    in_rw_locks: RwLock, try_write;
}
