//! What a `Deserialize` may do wrong: swallow an error, read less than there is, copy something else meanwhile.

use deepclone_serde::{ErrorKind, convert, copy};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

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
