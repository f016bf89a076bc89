//! Collections, their hashers, and what iterates over them.

use std::cmp::Reverse;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::io::Cursor;
use std::ops::RangeInclusive;
use std::rc::Rc;

use deepclone::DeepClone;

use crate::{check, check_by};

#[test]
fn collections() {
    let texts = || ["b", "a", "c"].map(String::from);
    check! {
        Vec<u8>: vec![], vec![1, 2, 3];
        Vec<String>: texts().into(), vec![];
        Vec<()>: vec![(); 9];
        Vec<Vec<Vec<u8>>>: vec![vec![], vec![vec![1], vec![]]];
        VecDeque<String>: texts().into(), VecDeque::new();
        VecDeque<()>: VecDeque::from([(); 9]);
        LinkedList<String>: texts().into(), LinkedList::new();
        BTreeMap<String, Vec<u8>>: texts().into_iter().map(|key| (key, vec![1])).collect(), BTreeMap::new();
        BTreeSet<String>: texts().into(), BTreeSet::new();
        HashMap<String, Vec<u8>>: texts().into_iter().map(|key| (key, vec![1])).collect(), HashMap::new();
        HashMap<u64, u64>: (0..100).map(|key| (key, 2 * key)).collect();
        HashMap<(), String>: HashMap::from([((), String::from("unit"))]);
        HashSet<String>: texts().into(), HashSet::new();
        HashMap<String, u8, BuildHasherDefault<DefaultHasher>>: texts().into_iter().map(|key| (key, 1)).collect();
        HashSet<u8, BuildHasherDefault<DefaultHasher>>: (0..9).collect();
        Box<HashMap<Rc<str>, Rc<str>>>: Box::new(HashMap::from([(Rc::from("key"), Rc::from("value"))]));
    }
    check_by! {
        BinaryHeap<String>: texts().into_iter().collect() => |it| it.clone().into_vec();
        BinaryHeap<Reverse<(u8, String)>>: texts().into_iter().map(|text| Reverse((1, text))).collect()
            => |it| it.clone().into_sorted_vec();
        BinaryHeap<u8>: (0..20).collect() => |it| it.clone().into_vec();
    }
}

/// A hasher without `Default`.
#[derive(Clone, Debug)]
struct Seeded {
    inner: RandomState,
}

impl BuildHasher for Seeded {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        self.inner.build_hasher()
    }
}

#[test]
fn hashers_are_cloned_and_need_no_default() {
    let seeded = Seeded {
        inner: RandomState::new(),
    };
    let mut map: HashMap<String, Rc<str>, Seeded> = HashMap::with_hasher(seeded.clone());
    map.insert(String::from("key"), Rc::from("value"));
    let copy = map.deep_clone();
    assert_eq!(copy, map);
    assert_eq!(
        copy.hasher().hash_one("anything"),
        map.hasher().hash_one("anything")
    );
    let mut plain: HashMap<u8, u8, Seeded> = HashMap::with_hasher(seeded.clone());
    plain.insert(1, 2);
    assert_eq!(plain.deep_clone(), plain);
    let mut set: HashSet<Box<str>, Seeded> = HashSet::with_hasher(seeded);
    set.insert("key".into());
    let copy = set.deep_clone();
    assert_eq!(copy, set);
    assert_eq!(copy.hasher().hash_one(7), set.hasher().hash_one(7));
}

#[test]
fn half_used_iterators_and_cursors() {
    check_by! {
        std::vec::IntoIter<String>: {
            let mut iterator = vec![String::from("a"), String::from("b"), String::from("c"), String::from("d")].into_iter();
            iterator.next();
            iterator.next_back();
            iterator
        } => |it| it.as_slice().to_vec();
        std::vec::IntoIter<u8>: vec![].into_iter() => |it| it.as_slice().to_vec();
        std::slice::Iter<'_, u8>: {
            let mut iterator = [1, 2, 3].iter();
            iterator.next();
            iterator.next_back();
            iterator
        } => |it| it.as_slice();
        std::slice::Chunks<'_, u8>: [1, 2, 3].chunks(2) => |it| it.clone().collect::<Vec<_>>();
        std::slice::ChunksExact<'_, u8>: [1, 2, 3].chunks_exact(2) => |it| (it.clone().count(), it.remainder());
        std::slice::Windows<'_, u8>: [1, 2, 3].windows(2) => |it| it.clone().collect::<Vec<_>>();
        std::str::Chars<'_>: {
            let mut letters = "aäb".chars();
            letters.next();
            letters
        } => |it| it.as_str();
        std::str::CharIndices<'_>: {
            let mut letters = "aäb".char_indices();
            letters.nth(1);
            letters
        } => |it| (it.offset(), it.as_str());
        std::str::Bytes<'_>: "ab".bytes() => |it| it.clone().collect::<Vec<_>>();
        std::str::Lines<'_>: "a\nb".lines() => |it| it.clone().collect::<Vec<_>>();
        std::str::SplitWhitespace<'_>: " a b".split_whitespace() => |it| it.clone().collect::<Vec<_>>();
        Cursor<Vec<u8>>: {
            let mut cursor = Cursor::new(vec![1, 2, 3]);
            cursor.set_position(2);
            cursor
        } => |it| (it.position(), it.get_ref().clone());
        Cursor<Rc<[u8]>>: Cursor::new(Rc::from([1, 2])) => |it| (it.position(), it.get_ref().to_vec());
        RangeInclusive<u8>: {
            let mut range = 1..=2;
            range.next();
            range.next();
            range
        } => |it| (it.is_empty(), *it.start(), *it.end(), it.clone().next());
    }
}
