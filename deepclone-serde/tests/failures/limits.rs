//! Values that have no end, or more bytes than they may.

use deepclone_serde::{Copier, ErrorKind, copy};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cell::RefCell;
use std::fmt;

use super::next_copy_is_fine;

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
