//! Whatever a value's own code does, a copy ends with a value or an error, and the next copy is fine.

use deepclone_serde::{Copier, ErrorKind, convert, copy, copy_verified};
use serde::de::{DeserializeOwned, IgnoredAny, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

fn next_copy_is_fine() {
    let value = (vec![Some("a".to_owned()), None], BTreeMap::from([(1, 'x')]));
    assert_eq!(copy(&value).unwrap(), value);
}

#[derive(Serialize, Deserialize)]
struct Ring {
    next: RefCell<Option<Rc<Ring>>>,
}

#[test]
fn a_cycle_ends_in_an_error_that_names_a_type_of_it() {
    let ring = Rc::new(Ring {
        next: RefCell::new(None),
    });
    *ring.next.borrow_mut() = Some(Rc::clone(&ring));
    let error = copy(&*ring).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Depth);
    assert!(error.to_string().contains("Ring"), "{error}");
    assert!(error.to_string().len() < 4096);
    assert!(format!("{error:?}").len() < 4096);
    ring.next.borrow_mut().take();
    next_copy_is_fine();
}

/// A link of a ring whose first field is no part of the ring.
#[derive(Serialize, Deserialize)]
struct Link {
    text: Rc<Counted>,
    next: RefCell<Option<Rc<Link>>>,
}

/// Counts how often it is written.
struct Counted(String, Cell<usize>);

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.1.set(self.1.get() + 1);
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(d)?, Cell::new(0)))
    }
}

fn round(copier: &mut Copier, text: &str) -> (Rc<Link>, Result<Link, deepclone_serde::Error>) {
    let link = Rc::new(Link {
        text: Rc::new(Counted(text.to_owned(), Cell::new(0))),
        next: RefCell::new(None),
    });
    *link.next.borrow_mut() = Some(Rc::clone(&link));
    let copied = copier.copy(&*link);
    link.next.borrow_mut().take();
    (link, copied)
}

#[test]
fn a_cycle_is_named_after_what_is_on_it_and_not_after_what_it_ends_at() {
    for mut copier in [Copier::new(), Copier::new().max_depth(100)] {
        let (_, copied) = round(&mut copier, "text");
        let error = copied.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Depth);
        assert!(error.message().contains("Link"), "{error}");
    }
}

#[test]
fn a_cycle_with_large_content_ends_soon() {
    let (link, copied) = round(&mut Copier::new(), &"text".repeat(1024 * 1024));
    let error = copied.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Depth);
    assert!(error.message().contains("Link"), "{error}");
    assert!(link.text.1.get() < 64, "{} rounds", link.text.1.get());
    next_copy_is_fine();
}

#[test]
fn what_many_values_of_a_deep_one_share_is_no_cycle() {
    let shared = Rc::new(Counted("text".repeat(256 * 1024), Cell::new(0)));
    let mut list = None;
    for _ in 0..100 {
        list = Some(Rc::new(Link {
            text: Rc::clone(&shared),
            next: RefCell::new(list),
        }));
    }
    let copy = copy(&list).unwrap();
    let mut length = 0;
    let mut rest = copy;
    while let Some(link) = rest {
        length += 1;
        assert!(link.text.0 == shared.0);
        rest = link.next.borrow_mut().take();
    }
    assert_eq!(length, 100);
    drop(list);
}

/// Writes itself as its own content, as often as it is told.
struct Again(Cell<u32>);

impl Serialize for Again {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.set(self.0.get() - 1);
        if self.0.get() == 0 {
            return s.serialize_none();
        }
        s.serialize_some(self)
    }
}

#[test]
fn a_value_that_writes_itself_with_another_content_is_no_cycle() {
    let copied: Option<Option<Option<IgnoredAny>>> = convert(&Again(Cell::new(3))).unwrap();
    assert!(matches!(copied, Some(Some(None))));
}

#[derive(Serialize, Deserialize)]
struct Nest {
    inner: Option<Box<Nest>>,
    #[serde(deserialize_with = "refuse_two")]
    last: u8,
}

fn refuse_two<'de, D: Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
    match u8::deserialize(d)? {
        2 => Err(serde::de::Error::custom("two is refused")),
        n => Ok(n),
    }
}

fn nest(levels: usize, outermost: u8) -> Nest {
    let innermost = Nest {
        inner: None,
        last: 0,
    };
    let mut nest = (1..levels).fold(innermost, |inner, _| Nest {
        inner: Some(Box::new(inner)),
        last: 0,
    });
    nest.last = outermost;
    nest
}

fn take_apart(mut nest: Nest) {
    while let Some(inner) = nest.inner.take() {
        nest = *inner;
    }
}

#[test]
fn a_failure_above_a_deep_value_does_not_overflow_while_that_is_dropped() {
    let source = nest(100_000, 2);
    let error = copy(&source).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Deserialize, "last")
    );
    take_apart(source);
    next_copy_is_fine();
}

#[test]
fn a_deep_value_that_is_unfaithful_does_not_overflow_while_it_is_dropped() {
    #[derive(Serialize, Deserialize)]
    struct Lossy {
        nest: Nest,
        #[serde(skip_deserializing)]
        lost: u8,
    }
    let source = Lossy {
        nest: nest(100_000, 0),
        lost: 1,
    };
    let error = copy_verified(&source).map(|_| ()).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Unfaithful, "lost")
    );
    take_apart(source.nest);
    next_copy_is_fine();
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Inner { inner: Box<Tagged> },
    Leaf,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Inner { inner: Option<Box<Untagged>> },
}

#[derive(Serialize, Deserialize)]
struct Flattened {
    a: u8,
    #[serde(flatten)]
    inner: BTreeMap<String, Flattened>,
}

/// Runs where there is room to make and drop deep values.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(work);
    thread.unwrap().join().unwrap();
}

/// Copies a deep value on a stack of the usual size.
fn check_deep<T>(make: fn(usize) -> T)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for depth in [200, 2_000, 100_000] {
        on_a_large_stack(move || {
            let source = make(depth);
            let copied = std::thread::scope(|scope| scope.spawn(|| copy(&source)).join().unwrap());
            match copied {
                Ok(copied) => drop(copied),
                Err(error) => assert_eq!(
                    (error.kind(), depth),
                    (ErrorKind::Depth, 100_000),
                    "{error}"
                ),
            }
        });
    }
}

#[test]
fn deep_values_in_serdes_buffers_come_back_or_are_errors() {
    check_deep(|depth| {
        (0..depth).fold(Tagged::Leaf, |inner, _| Tagged::Inner {
            inner: Box::new(inner),
        })
    });
    check_deep(|depth| {
        (0..depth).fold(Untagged::Inner { inner: None }, |inner, _| {
            Untagged::Inner {
                inner: Some(Box::new(inner)),
            }
        })
    });
    check_deep(|depth| {
        let leaf = Flattened {
            a: 1,
            inner: BTreeMap::new(),
        };
        (0..depth).fold(leaf, |inner, _| Flattened {
            a: 0,
            inner: BTreeMap::from([("x".to_owned(), inner)]),
        })
    });
}

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

/// A type whose visitor knows only one owned form.
#[derive(Debug, PartialEq)]
struct Owned<const BYTES: bool>(Vec<u8>);

impl<const BYTES: bool> Serialize for Owned<BYTES> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if BYTES {
            s.serialize_bytes(&self.0)
        } else {
            s.serialize_str(std::str::from_utf8(&self.0).unwrap())
        }
    }
}

impl<'de, const BYTES: bool> Deserialize<'de> for Owned<BYTES> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V<const BYTES: bool>;
        #[expect(clippy::serde_api_misuse, reason = "the misuse is what is tested")]
        impl<'de, const BYTES: bool> Visitor<'de> for V<BYTES> {
            type Value = Owned<BYTES>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("something owned")
            }
            fn visit_string<E>(self, text: String) -> Result<Owned<BYTES>, E> {
                Ok(Owned(text.into_bytes()))
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Owned<BYTES>, E> {
                Ok(Owned(bytes))
            }
        }
        if BYTES {
            d.deserialize_byte_buf(V)
        } else {
            d.deserialize_string(V)
        }
    }
}

#[test]
fn visitors_that_know_only_owned_forms_get_them() {
    let text = vec![Owned::<false>(b"text".to_vec()), Owned(vec![b'x'; 300])];
    assert_eq!(copy(&text).unwrap(), text);
    let bytes = vec![Owned::<true>(vec![0, 255])];
    assert_eq!(copy(&bytes).unwrap(), bytes);
}

fn swallow<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(d: D) -> Result<T, D::Error> {
    Ok(T::deserialize(d).unwrap_or_default())
}

#[derive(Deserialize, Debug)]
#[allow(dead_code)]
struct Lenient {
    #[serde(deserialize_with = "swallow")]
    inner: Vec<u8>,
    after: u8,
}

#[test]
fn a_swallowed_error_half_way_through_is_an_error() {
    #[derive(Serialize)]
    struct Source {
        inner: Vec<u32>,
        after: u8,
    }
    let source = Source {
        inner: vec![1, 1000, 2],
        after: 5,
    };
    let error = convert::<_, Lenient>(&source).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Leftover, "after"),
        "{error}"
    );
}

struct Unread;
impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(_d: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

#[test]
fn a_value_that_is_not_read_at_all_is_an_error() {
    let error = convert::<_, Vec<Unread>>(&[1]).map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Leftover, "[0]"));
    assert_eq!(
        convert::<_, Unread>(&1).map(|_| ()).unwrap_err().kind(),
        ErrorKind::Leftover
    );
    #[derive(Deserialize)]
    enum OfUnread {
        #[allow(dead_code)]
        A(Unread),
    }
    #[derive(Serialize)]
    enum Source {
        A(u8),
    }
    let error = convert::<_, OfUnread>(&Source::A(1))
        .map(|_| ())
        .unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Leftover, "A"));
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

struct Endless;
impl Serialize for Endless {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(std::iter::repeat(1_u8))
    }
}
struct EndlessText;
impl Serialize for EndlessText {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        struct Text;
        impl fmt::Display for Text {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("more")?;
                }
            }
        }
        s.collect_str(&Text)
    }
}

#[derive(Serialize)]
enum Something {
    Endless(Endless),
    Text(EndlessText),
    Wide(Box<[[u64; 30]; 30]>),
}

#[test]
fn max_bytes_bounds_what_has_no_end() {
    for source in [
        Something::Endless(Endless),
        Something::Text(EndlessText),
        Something::Wide(Box::new([[0; 30]; 30])),
    ] {
        let mut copier = Copier::new().max_bytes(1000);
        struct Through(RefCell<Option<Something>>);
        impl Serialize for Through {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                self.0.borrow().serialize(s)
            }
        }
        impl<'de> Deserialize<'de> for Through {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                IgnoredAny::deserialize(d)?;
                Ok(Self(RefCell::new(None)))
            }
        }
        let error = copier
            .copy(&Through(RefCell::new(Some(source))))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Bytes);
    }
}

#[test]
fn a_large_text_comes_back_and_a_small_limit_refuses_it() {
    let text = "x".repeat(64 << 20);
    assert!(copy(&text).unwrap() == text);
    let error = Copier::new().max_bytes(1 << 20).copy(&text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bytes);
    next_copy_is_fine();
}

#[test]
fn a_copy_inside_a_copy_is_one_of_its_own() {
    #[derive(Debug, PartialEq)]
    struct Inner(Vec<u8>);
    impl Serialize for Inner {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            copy(&self.0).unwrap().serialize(s)
        }
    }
    impl<'de> Deserialize<'de> for Inner {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            Ok(Self(copy(&Vec::deserialize(d)?).unwrap()))
        }
    }
    let source = vec![Inner(vec![1, 2]), Inner(vec![])];
    assert_eq!(copy(&source).unwrap(), source);
}

/// Writes three numbers and reads two.
#[cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
struct Three;

#[cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
impl Serialize for Three {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (1_u8, 2_u8, 3_u8).serialize(s)
    }
}

#[cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
impl<'de> Deserialize<'de> for Three {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        <(u8, u8)>::deserialize(d).map(|_| Self)
    }
}

#[cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
#[test]
fn the_byte_codecs_keep_limits_and_report_places() {
    use deepclone_serde::{Bincode, Codec, MessagePack, Postcard};
    fn check<C: Codec>(codec: C, deepest: usize) {
        let mut copier = Copier::with_codec(codec.clone()).max_depth(3);
        assert!(copier.copy(&vec![vec![Some(1)]]).is_ok());
        let error = copier.copy(&vec![vec![Some(Some(1))]]).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Depth, "[0][0]"));
        let error = Copier::with_codec(codec.clone())
            .max_bytes(20)
            .copy(&"x".repeat(21))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Bytes);
        let source = vec![nest(3, 0), nest(2, 2)];
        let error = Copier::with_codec(codec.clone())
            .copy(&source)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::Deserialize, "[1].last"),
            "{error}"
        );
        assert!(error.to_string().contains("two is refused"));
        let error = Copier::with_codec(codec.clone())
            .copy(&vec![(Three, 1)])
            .map(|_| ())
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.path()),
            (ErrorKind::Leftover, "[0][0][2]"),
            "{error}"
        );
        for depth in [200, 2_000, deepest] {
            let source = nest(depth, 0);
            match Copier::with_codec(codec.clone()).copy(&source) {
                Ok(copied) => take_apart(copied),
                Err(error) => assert!(error.to_string().len() < 4096),
            }
            take_apart(source);
        }
    }
    check(Bincode, 100_000);
    check(Postcard, 10_000);
    check(MessagePack, 10_000);
    next_copy_is_fine();
}
