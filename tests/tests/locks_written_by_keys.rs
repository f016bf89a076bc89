//! A key's `Hash` writes to the cell or lock of the copy that its own map waits in: other variants are put where the map was to be filled in.

#![allow(
    clippy::arc_with_non_send_sync,
    clippy::mutable_key_type,
    reason = "nothing here leaves its thread, and keys that change what they lie in are the point"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, LinkedList};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use deepclone::{DeepClone, ErrorKind};

thread_local! {
    /// Whether keys write now. In the source they don't.
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

/// A map behind a field that is placed elsewhere and moved, in one variant of an enum whose other variant has plain bytes there.
macro_rules! behind {
    ($($name:ident: $lock:ident, $attempt:ident, $first:ty, $new:expr;)*) => { $(
        mod $name {
            use super::*;

            #[derive(DeepClone)]
            #[expect(clippy::large_enum_variant, reason = "the other one covers all of it")]
            enum Content {
                Map($first, HashMap<Key, u32>),
                Bytes([u64; 40]),
            }

            #[derive(DeepClone)]
            struct Node {
                lock: $lock<Content>,
                number: u32,
            }

            #[derive(DeepClone)]
            struct Key(Arc<Node>);

            impl Key {
                fn rank(&self) -> u32 {
                    if WRITES.get() && let Ok(mut content) = self.0.lock.$attempt() {
                        *content = Content::Bytes([0x4141_4141; 40]);
                    }
                    self.0.number
                }
            }

            deepclone_tests::ranked!(Key);

            #[test]
            fn a_map_is_not_filled_in_where_another_variant_is() {
                let source = Arc::new(Node { lock: $lock::new(Content::Bytes([0; 40])), number: 7 });
                let map = HashMap::from([(Key(source.clone()), 1)]);
                *source.lock.$attempt().expect("free") = Content::Map($new, map);
                WRITES.set(true);
                let outcome = source.try_deep_clone();
                WRITES.set(false);
                match outcome {
                    // Where it could not write: the lock is held, or poisoned, when the key is looked up.
                    Ok(copy) => {
                        let content = std::mem::replace(&mut *copy.lock.$attempt().expect("free"), Content::Bytes([0; 40]));
                        assert!(matches!(content, Content::Map(_, map) if map.contains_key(&Key(copy.clone()))));
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed),
                }
                let content = std::mem::replace(&mut *source.lock.$attempt().expect("free"), Content::Bytes([0; 40]));
                assert!(matches!(content, Content::Map(_, map) if map.len() == 1));
                assert_eq!(Arc::strong_count(&source), 1);
            }
        }
    )* };
}

behind! {
    a_list_under_a_mutex: Mutex, try_lock, LinkedList<Option<String>>, LinkedList::from([None, Some("a".into())]);
    a_list_under_a_rw_lock: RwLock, try_write, LinkedList<Option<String>>, LinkedList::from([None, Some("a".into())]);
    a_once_lock_under_a_mutex: Mutex, try_lock, OnceLock<Option<String>>, OnceLock::from(Some("a".into()));
    a_once_lock_of_plain_data_under_a_mutex: Mutex, try_lock, OnceLock<Option<u32>>, OnceLock::from(Some(1));
    a_list_of_plain_data_under_a_mutex: Mutex, try_lock, LinkedList<Option<u32>>, LinkedList::from([Some(1), None]);
    a_hash_map_under_a_mutex: Mutex, try_lock, HashMap<u32, Option<Arc<u32>>>, HashMap::from([(1, Some(Arc::new(1)))]);
    a_hash_map_under_a_rw_lock: RwLock, try_write, HashMap<u32, Option<Arc<u32>>>, HashMap::from([(1, Some(Arc::new(1)))]);
    a_tree_under_a_mutex: Mutex, try_lock, BTreeMap<u32, Option<Arc<u32>>>, BTreeMap::from([(1, Some(Arc::new(1)))]);
    a_deque_under_a_mutex: Mutex, try_lock, std::collections::VecDeque<Option<String>>, [None, Some("a".into())].into();
    an_iterator_under_a_mutex: Mutex, try_lock, std::vec::IntoIter<Option<String>>, vec![None, Some("a".into())].into_iter();
    a_cursor_under_a_mutex: Mutex, try_lock, std::io::Cursor<Option<String>>, std::io::Cursor::new(Some("a".into()));
    a_list_under_a_ref_cell: RefCell, try_borrow_mut, LinkedList<Option<String>>, LinkedList::from([None, Some("a".into())]);
    a_once_lock_under_a_ref_cell: RefCell, try_borrow_mut, OnceLock<Option<String>>, OnceLock::from(Some("a".into()));
    a_tree_under_a_ref_cell: RefCell, try_borrow_mut, BTreeMap<u32, Option<Arc<u32>>>, BTreeMap::from([(1, Some(Arc::new(1)))]);
    a_deque_under_a_ref_cell: RefCell, try_borrow_mut, std::collections::VecDeque<Option<String>>, [None, Some("a".into())].into();
    an_option_under_a_ref_cell: RefCell, try_borrow_mut, Option<Box<Option<String>>>, Some(Box::new(Some("a".into())));
    an_option_under_a_mutex: Mutex, try_lock, Option<Box<Option<String>>>, Some(Box::new(Some("a".into())));
}

#[cfg(feature = "foreign")]
behind! {
    an_array_under_a_ref_cell: RefCell, try_borrow_mut, arrayvec::ArrayVec<Option<String>, 2>, [None, Some("a".into())].into();
    a_small_vector_under_a_mutex: Mutex, try_lock, smallvec::SmallVec<[Option<String>; 2]>, smallvec::smallvec![None, Some("a".into())];
}

/// Another field of the same content is no part of the way to the map.
mod beside {
    use super::*;

    type Content = (Option<Arc<u32>>, Vec<HashMap<Key, u32>>);

    #[derive(DeepClone)]
    struct Node {
        lock: Mutex<Content>,
        number: u32,
    }

    #[derive(DeepClone)]
    struct Key(Arc<Node>);

    impl Key {
        fn rank(&self) -> u32 {
            if WRITES.get()
                && let Ok(mut content) = self.0.lock.try_lock()
            {
                content.0 = None;
            }
            self.0.number
        }
    }

    deepclone_tests::ranked!(Key);

    #[test]
    fn a_field_that_a_key_writes_to_does_not_keep_its_map_from_being_filled() {
        let source = Arc::new(Node {
            lock: Mutex::default(),
            number: 1,
        });
        let content = (
            Some(Arc::new(1)),
            vec![HashMap::from([(Key(source.clone()), 1)])],
        );
        *source.lock.lock().expect("free") = content;
        WRITES.set(true);
        let copy = source.deep_clone();
        WRITES.set(false);
        let content = std::mem::take(&mut *copy.lock.lock().expect("free"));
        assert!(content.0.is_none() && content.1[0].contains_key(&Key(copy.clone())));
        drop(std::mem::take(&mut *source.lock.lock().expect("free")));
    }
}

/// The values of a map that was not put in its place are nobody's.
mod instead_of_the_map {
    use deepclone_tests::fuse::{Detonator, Fuse};

    use super::*;

    deepclone_tests::each_family! {
        #[derive(DeepClone)]
        struct Node {
            content: Slot<Option<HashMap<Key, Strong<Ring>>>>,
        }

        #[derive(DeepClone)]
        struct Ring {
            next: Slot<Option<Strong<Ring>>>,
            fuse: Fuse,
        }

        #[derive(DeepClone)]
        struct Key(Strong<Node>);

        thread_local! {
            static HANDED: RefCell<Vec<Strong<Node>>> = const { RefCell::new(Vec::new()) };
        }

        impl Key {
            fn rank(&self) -> u32 {
                if WRITES.get() {
                    HANDED.with_borrow_mut(|handed| handed.push(self.0.clone()));
                    drop(open(&self.0.content).take());
                }
                1
            }
        }

        deepclone_tests::ranked!(Key);

        #[test]
        fn rings_in_the_values_of_a_map_that_has_lost_its_place_are_not_left() {
            let detonator = Detonator::new();
            let source = Strong::new(Node { content: Slot::default() });
            let ring = Strong::new(Ring { next: Slot::default(), fuse: detonator.fuse() });
            *open(&ring.next) = Some(ring.clone());
            let map = HashMap::from([(Key(source.clone()), ring.clone())]);
            *open(&source.content) = Some(map);
            WRITES.set(true);
            let outcome = source.try_deep_clone();
            WRITES.set(false);
            assert_eq!(outcome.map(drop).map_err(|error| error.kind()), Err(ErrorKind::AlreadyBorrowed));
            for node in HANDED.take() {
                assert!(open(&node.content).is_none());
            }
            assert_eq!(detonator.live(), 1, "that of the source");
            drop((open(&ring.next).take(), open(&source.content).take()));
            assert_eq!((counts(&ring), counts(&source)), ((1, 0), (1, 0)));
        }
    }
}
