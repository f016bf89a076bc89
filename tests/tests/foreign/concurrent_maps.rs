//! Maps and sets that many threads write to at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use dashmap::{DashMap, DashSet};
use deepclone::{Cloner, DeepClone, Error, ErrorKind, LockPolicy, Options, Session};
use parking_lot::Mutex;

#[test]
fn a_dash_map_is_copied_with_what_its_entries_share() {
    let source: DashMap<String, Arc<StdMutex<u32>>> = DashMap::with_shard_amount(4);
    let shared = Arc::new(StdMutex::new(0));
    for index in 0..1000_u32 {
        let value = if index % 2 == 0 {
            shared.clone()
        } else {
            Arc::new(StdMutex::new(index))
        };
        source.insert(index.to_string(), value);
    }
    let copy = source.deep_clone();
    assert_eq!(copy.len(), 1000);
    assert_eq!(copy.shards().len(), 4);
    let first = copy.get("0").unwrap().clone();
    assert_eq!(Arc::strong_count(&first), 501);
    assert_eq!(Arc::strong_count(&shared), 501);
    for index in 0..1000_u32 {
        let value = copy.get(&index.to_string()).unwrap();
        if index % 2 == 0 {
            assert!(Arc::ptr_eq(&value, &first));
        } else {
            assert_eq!(*value.lock().unwrap(), index);
        }
    }
}

#[test]
fn a_dash_set_is_copied_with_what_its_keys_share() {
    let names: Vec<Arc<str>> = (0..100).map(|name: u32| name.to_string().into()).collect();
    let source: DashSet<Arc<str>> = names.iter().cloned().collect();
    let both = (source, names);
    let copy = both.deep_clone();
    assert_eq!(copy.0.len(), 100);
    for name in &copy.1 {
        assert!(Arc::ptr_eq(copy.0.get(&**name).unwrap().key(), name));
        assert_eq!(Arc::strong_count(name), 2);
    }
    assert!(!Arc::ptr_eq(&copy.1[0], &both.1[0]));
    assert!(
        both.1
            .iter()
            .all(|name| Arc::strong_count(name) == 2 && Arc::weak_count(name) == 0)
    );
    let strings: DashSet<String> = DashSet::from_iter(["a".to_string(), "b".to_string()]);
    assert!(strings.deep_clone().contains("b"));
    let limited = Options::new().max_bytes(1);
    let error = Session::with_options(limited)
        .deep_clone(&strings)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(strings.len(), 2);
}

#[test]
fn a_dash_map_may_lie_on_a_cycle_through_its_values() {
    #[derive(DeepClone)]
    struct User {
        friends: DashMap<Arc<str>, Arc<User>>,
    }
    let user = Arc::new(User {
        friends: DashMap::new(),
    });
    user.friends.insert("self".into(), user.clone());
    let copy = user.deep_clone();
    let friend = copy.friends.get("self").unwrap().clone();
    assert!(Arc::ptr_eq(&friend, &copy));
    assert_eq!(Arc::strong_count(&copy), 3);
    user.friends.clear();
    copy.friends.clear();
}

#[test]
fn a_dash_map_holds_maps_and_lies_in_locks() {
    let inner: HashMap<String, Arc<u8>> = HashMap::from([("x".into(), Arc::new(1))]);
    let map: DashMap<u8, StdMutex<HashMap<String, Arc<u8>>>> = DashMap::new();
    for key in 0..20 {
        map.insert(key, StdMutex::new(inner.clone()));
    }
    let copy = StdMutex::new(map).deep_clone().into_inner().unwrap();
    assert_eq!(copy.len(), 20);
    let kept = copy.get(&3).unwrap().lock().unwrap()["x"].clone();
    assert_eq!(Arc::strong_count(&kept), 21);
    let nested: DashMap<u8, DashMap<String, HashMap<u8, Vec<u8>>>> = DashMap::new();
    let low = DashMap::new();
    low.insert("low".to_string(), HashMap::from([(1, vec![2])]));
    nested.insert(1, low);
    let copy = nested.deep_clone();
    assert_eq!(copy.get(&1).unwrap().get("low").unwrap()[&1], [2]);
}

#[test]
fn no_shard_is_locked_while_what_an_arc_leads_to_is_copied() {
    fn take(value: &StdMutex<u32>, _: &mut Cloner<'_>) -> Result<StdMutex<u32>, Error> {
        MAP.with(|map| {
            let map = map.borrow().clone().unwrap();
            for shard in map.shards() {
                assert!(shard.try_write().is_some(), "a shard is locked");
            }
        });
        Ok(StdMutex::new(*value.lock().unwrap()))
    }
    #[derive(DeepClone)]
    struct Entry {
        #[deepclone(try_with = take)]
        value: StdMutex<u32>,
    }
    type Entries = Arc<DashMap<u32, Arc<Entry>>>;
    thread_local! {
        static MAP: RefCell<Option<Entries>> = const { RefCell::new(None) };
    }
    let map = Arc::new(DashMap::new());
    for key in 0..50 {
        map.insert(
            key,
            Arc::new(Entry {
                value: StdMutex::new(key),
            }),
        );
    }
    MAP.with(|slot| *slot.borrow_mut() = Some(map.clone()));
    let copy = DashMap::deep_clone(&map);
    MAP.with(|slot| *slot.borrow_mut() = None);
    assert_eq!(copy.len(), 50);
    assert_eq!(*copy.get(&7).unwrap().value.lock().unwrap(), 7);
}

#[test]
fn a_failure_in_a_dash_map_leaves_nothing() {
    let shared = Arc::new(());
    let source = DashMap::new();
    for key in 0..64 {
        source.insert(key, Arc::new((Mutex::new(key), shared.clone())));
    }
    let held = source.get(&33).unwrap().clone();
    let guard = held.0.lock();
    let mut session = Session::with_options(Options::new().locks(LockPolicy::Try));
    assert_eq!(
        session.deep_clone(&source).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    drop(guard);
    let held = Mutex::new(1);
    let guard = held.lock();
    let owned: DashMap<u8, &Mutex<i32>> = DashMap::new();
    owned.insert(1, &held);
    assert!(
        session.deep_clone(&owned).is_ok(),
        "borrowed things stay borrowed"
    );
    drop(guard);
    drop(session);
    assert_eq!(Arc::strong_count(&shared), 65);
    assert_eq!(Arc::weak_count(&shared), 0);
}

#[test]
fn a_shard_that_is_written_to_elsewhere_is_waited_for_as_long_as_the_policy_says() {
    let map: DashMap<u32, u32> = (0..100).map(|number| (number, number)).collect();
    let set: DashSet<u32> = (0..100).collect();
    let policies = [
        LockPolicy::Try,
        LockPolicy::Timeout(Duration::from_millis(20)),
    ];
    for policy in policies {
        let in_map = map.get_mut(&3).expect("it is there");
        let in_set = set.shards()[set.determine_map(&3)].write();
        let held = std::thread::scope(|scope| {
            let copy = || {
                let mut session = Session::with_options(Options::new().locks(policy));
                let copied = session.deep_clone(&map).map(drop);
                [copied, session.deep_clone(&set).map(drop)]
            };
            scope.spawn(copy).join().expect("it does not panic")
        });
        for error in held.map(|copied| copied.expect_err("a shard is held")) {
            assert_eq!(error.kind(), ErrorKind::WouldBlock, "{policy:?}");
        }
        drop((in_map, in_set));
        let mut session = Session::with_options(Options::new().locks(policy));
        let copies = (session.deep_clone(&map), session.deep_clone(&set));
        assert_eq!(copies.0.expect("it is free").len(), 100);
        assert_eq!(copies.1.expect("it is free").len(), 100);
    }
}

#[test]
fn keys_that_panic_leave_a_dash_map_as_it_was() {
    #[derive(DeepClone, PartialEq, Eq)]
    struct Key {
        number: u8,
        shared: Arc<()>,
    }
    thread_local! {
        static FUSE: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
    }
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            FUSE.with(|fuse| match fuse.get() {
                Some(0) => {
                    fuse.set(None);
                    panic!("the fuse has burnt down");
                }
                left => fuse.set(left.map(|left| left - 1)),
            });
            self.number.hash(state);
        }
    }
    let shared = Arc::new(());
    let source = DashMap::with_shard_amount(2);
    for number in 0..20 {
        let key = Key {
            number,
            shared: shared.clone(),
        };
        source.insert(key, Arc::clone(&shared));
    }
    for left in 0..20 {
        FUSE.with(|fuse| fuse.set(Some(left)));
        let panicked =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| source.try_deep_clone()));
        assert!(panicked.is_err(), "after {left}");
        FUSE.with(|fuse| fuse.set(None));
        assert_eq!(Arc::strong_count(&shared), 41);
        assert_eq!(Arc::weak_count(&shared), 0);
    }
    assert_eq!(source.deep_clone().len(), 20);
}

#[test]
fn papaya_maps_take_finished_pairs() {
    let shared = Arc::new(StdMutex::new(1));
    let source: papaya::HashMap<Arc<str>, Arc<StdMutex<i32>>> = papaya::HashMap::new();
    for key in ["a", "b", "c"] {
        source.pin().insert(key.into(), shared.clone());
    }
    let both = (source, shared);
    let copy = both.deep_clone();
    let pairs = copy.0.pin();
    assert_eq!(pairs.len(), 3);
    assert!(pairs.iter().all(|(_, value)| Arc::ptr_eq(value, &copy.1)));
    let set: papaya::HashSet<u64> = [1, 2].into_iter().collect();
    assert_eq!(set.deep_clone().len(), 2);
}

#[test]
fn a_papaya_map_on_a_strong_cycle_is_refused() {
    #[derive(DeepClone)]
    struct Hub {
        spokes: papaya::HashMap<u8, Arc<StdMutex<Option<Arc<Hub>>>>>,
    }
    let hub = Arc::new(Hub {
        spokes: papaya::HashMap::new(),
    });
    let spoke = Arc::new(StdMutex::new(Some(hub.clone())));
    hub.spokes.pin().insert(1, spoke.clone());
    let error = hub.try_deep_clone().map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    *spoke.lock().unwrap() = None;
    assert!(hub.try_deep_clone().is_ok());
}
