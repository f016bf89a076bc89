//! Keys whose `Hash` takes a lock: that of the map that they sit in, or another.

#![allow(
    clippy::mutable_key_type,
    reason = "keys that read locks are the point"
)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, Weak};

use deepclone::{DeepClone, ErrorKind};

/// Hashed by how many keys are in the map that it sits in, whose lock it takes for that.
#[derive(DeepClone)]
struct Stubborn(Arc<Crowd>, u32);

#[derive(DeepClone, Default)]
struct Crowd {
    members: Mutex<HashMap<Stubborn, u32>>,
}

thread_local! {
    static HASHED: RefCell<Vec<Weak<Crowd>>> = const { RefCell::new(Vec::new()) };
}

impl Hash for Stubborn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        HASHED.with_borrow_mut(|hashed| hashed.push(Arc::downgrade(&self.0)));
        let members = self.0.members.lock().expect("not poisoned").len();
        (self.1, members).hash(state);
    }
}

impl PartialEq for Stubborn {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl Eq for Stubborn {}

#[test]
fn keys_whose_hash_takes_the_lock_of_the_map_that_they_sit_in_are_an_error_and_do_not_wait_for_ever()
 {
    for count in [1, 5] {
        let source = Arc::new(Crowd::default());
        let members = (0..count)
            .map(|number| (Stubborn(source.clone(), number), number))
            .collect();
        *source.members.lock().expect("free") = members;
        HASHED.take();
        let error = source.try_deep_clone().err().map(|error| error.kind());
        assert_eq!(error, Some(ErrorKind::KeyInCycle));
        let copies = HASHED.take();
        assert!(copies.iter().all(|copy| {
            copy.upgrade()
                .is_none_or(|copy| Arc::ptr_eq(&copy, &source))
        }));
        assert!(!source.members.is_poisoned());
        let members = std::mem::take(&mut *source.members.lock().expect("free"));
        assert_eq!(
            (members.len(), Arc::strong_count(&source)),
            (count as usize, count as usize + 1)
        );
    }
}

/// Hashed by a lock beside the map that it sits in.
#[derive(DeepClone)]
struct Modest(Arc<Member>);

#[derive(DeepClone)]
struct Member {
    name: Mutex<String>,
    members: Mutex<HashMap<Modest, u32>>,
}

impl Hash for Modest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.lock().expect("not poisoned").hash(state);
    }
}

impl PartialEq for Modest {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Modest {}

#[test]
fn keys_whose_hash_takes_another_lock_are_found_and_no_lock_comes_out_poisoned() {
    let source = Arc::new(Member {
        name: Mutex::new(String::from("name")),
        members: Mutex::default(),
    });
    source
        .members
        .lock()
        .expect("free")
        .insert(Modest(source.clone()), 1);
    let copy = source.deep_clone();
    assert!(!copy.members.is_poisoned() && !copy.name.is_poisoned());
    for member in [copy, source] {
        let members = std::mem::take(&mut *member.members.lock().expect("free"));
        assert_eq!(members.get(&Modest(member.clone())), Some(&1));
    }
}
