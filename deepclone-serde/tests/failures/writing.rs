//! What a `Serialize` may do wrong: fail, panic, swallow an error, lie about a length.

use deepclone_serde::{Copier, ErrorKind, convert, copy};
use serde::de::IgnoredAny;
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::next_copy_is_fine;

/// What a value's `Serialize` does when its turn comes.
#[derive(Clone, Copy)]
enum Bomb {
    Error,
    Panic,
    Swallow,
}

thread_local! {
    static FUSE: Cell<usize> = const { Cell::new(usize::MAX) };
    static BOMB: Cell<Bomb> = const { Cell::new(Bomb::Error) };
}

/// A number that goes off when the fuse has burnt down.
#[derive(Deserialize, Debug, PartialEq)]
struct Armed(u32);

impl Serialize for Armed {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let left = FUSE.get();
        FUSE.set(left.wrapping_sub(1));
        if left == 0 {
            match BOMB.get() {
                Bomb::Panic => panic!("armed"),
                _ => return Err(S::Error::custom("armed")),
            }
        }
        s.serialize_newtype_struct("Armed", &self.0)
    }
}

#[derive(Serialize, Deserialize)]
enum Holder {
    List(Vec<Armed>),
    Fields { a: Armed, b: Option<Armed> },
    Map(BTreeMap<String, (Armed, Armed)>),
}

fn holders() -> Vec<Holder> {
    vec![
        Holder::List(vec![Armed(0), Armed(1)]),
        Holder::Fields {
            a: Armed(2),
            b: Some(Armed(3)),
        },
        Holder::Map(BTreeMap::from([("x".to_owned(), (Armed(4), Armed(5)))])),
    ]
}

#[test]
fn an_error_or_a_panic_at_any_place_leaves_clean_buffers() {
    let paths = [
        "[0].List[0]",
        "[0].List[1]",
        "[1].Fields.a",
        "[1].Fields.b",
        "[2].Map.x[0]",
        "[2].Map.x[1]",
    ];
    let mut copier = Copier::new();
    for (at, path) in paths.into_iter().enumerate() {
        BOMB.set(Bomb::Error);
        FUSE.set(at);
        let error = copier.copy(&holders()).map(|_| ()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Serialize, path));
        BOMB.set(Bomb::Panic);
        FUSE.set(at);
        assert!(catch_unwind(AssertUnwindSafe(|| copy(&holders()).is_ok())).is_err());
        FUSE.set(at);
        assert!(catch_unwind(AssertUnwindSafe(|| copier.copy(&holders()).is_ok())).is_err());
        FUSE.set(usize::MAX);
        assert_eq!(copier.copy(&holders()).unwrap().len(), 3);
        next_copy_is_fine();
    }
}

struct Swallowing;
impl Serialize for Swallowing {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut seq = s.serialize_seq(None)?;
        let _ = seq.serialize_element(&Armed(0));
        seq.serialize_element(&1)?;
        seq.end()
    }
}

#[test]
fn a_swallowed_error_while_writing_is_an_error() {
    BOMB.set(Bomb::Swallow);
    FUSE.set(0);
    let error = convert::<_, Vec<u32>>(&Swallowing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Serialize);
    assert_eq!(error.path(), "[0]");
    FUSE.set(usize::MAX);
}

struct Misused(u8);
impl Serialize for Misused {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(1))?;
        match self.0 {
            0 => map.serialize_key("a")?,
            1 => map.serialize_value("a")?,
            _ => {
                map.serialize_key("a")?;
                map.serialize_key("b")?;
                map.serialize_value("c")?;
            }
        }
        map.end()
    }
}

#[test]
fn keys_and_values_out_of_turn_are_errors() {
    for misuse in 0..3 {
        let error = convert::<_, IgnoredAny>(&Misused(misuse)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Serialize);
    }
}

/// Announces one length and writes another.
struct Misleading(Option<usize>);
impl Serialize for Misleading {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct("Misleading", self.0.unwrap_or(9))?;
        fields.serialize_field("list", &List(self.0))?;
        fields.serialize_field("map", &Map(self.0))?;
        fields.end()
    }
}
struct List(Option<usize>);
impl Serialize for List {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut seq = s.serialize_seq(self.0)?;
        for i in 0..5_u8 {
            seq.serialize_element(&i)?;
        }
        seq.end()
    }
}
struct Map(Option<usize>);
impl Serialize for Map {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(self.0)?;
        for i in 0..5_u8 {
            map.serialize_entry(&i, &())?;
        }
        map.end()
    }
}

#[test]
fn wrong_lengths_do_no_harm() {
    #[derive(Deserialize)]
    struct Target {
        list: Vec<u8>,
        map: BTreeMap<u8, ()>,
    }
    for length in [None, Some(0), Some(3), Some(usize::MAX)] {
        let target: Target = convert(&Misleading(length)).unwrap();
        assert_eq!((target.list.len(), target.map.len()), (5, 5));
    }
}
