//! Sequences of numbers, which are written and read many at a time: what can go wrong at the ends of a block and of a run.

use deepclone_serde::{Copier, ErrorKind, convert, copy};
use serde::de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

const LENGTHS: [usize; 14] = [0, 1, 7, 8, 9, 15, 16, 17, 255, 256, 257, 511, 513, 1000];

#[test]
fn every_kind_comes_back_at_every_length() {
    fn check<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(of: impl Fn(u8) -> T) {
        for length in LENGTHS {
            let source: Vec<T> = (0..length).map(|i| of((i % 251) as u8)).collect();
            assert_eq!(copy(&source).unwrap(), source);
            let nested = vec![(source, 'x')];
            assert_eq!(copy(&nested).unwrap(), nested);
        }
    }
    check(|i| i);
    check(|i| u16::from(i) << 8);
    check(|i| u32::from(i) << 24);
    check(|i| u64::from(i) << 56);
    check(|i| usize::from(i) << 48);
    check(|i| u128::from(i) << 120);
    check(|i| i as i8);
    check(|i| -i16::from(i));
    check(|i| -i32::from(i));
    check(|i| -i64::from(i));
    check(|i| -(i as isize));
    check(|i| -i128::from(i));
    check(|i| f32::from(i) / 7.0);
    check(|i| f64::from(i) / 7.0);
    check(|i| i % 3 == 0);
    check(|i| (i % 3 == 0).then_some(i));
    check(char::from);
}

struct Claims {
    numbers: Vec<u32>,
    claim: (usize, Option<usize>),
}

impl Serialize for Claims {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        struct Items<'a>(std::slice::Iter<'a, u32>, (usize, Option<usize>));
        impl<'a> Iterator for Items<'a> {
            type Item = &'a u32;
            fn next(&mut self) -> Option<&'a u32> {
                self.0.next()
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.1
            }
        }
        s.collect_seq(Items(self.numbers.iter(), self.claim))
    }
}

#[test]
fn a_wrong_size_hint_changes_nothing() {
    for length in LENGTHS {
        let numbers: Vec<u32> = (0..length as u32).collect();
        for low in [0, 1, 8, 9, 100, 256, 257, usize::MAX] {
            for high in [None, Some(low)] {
                let claims = Claims {
                    numbers: numbers.clone(),
                    claim: (low, high),
                };
                assert_eq!(convert::<_, Vec<u32>>(&claims).unwrap(), numbers);
            }
        }
    }
}

/// Twenty numbers, one of another kind and of the same size, one of another size, twenty more.
struct Changing;
impl Serialize for Changing {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut seq = s.serialize_seq(None)?;
        for i in 0..20_u32 {
            seq.serialize_element(&i)?;
        }
        seq.serialize_element(&0.5_f32)?;
        seq.serialize_element(&7_u8)?;
        for i in 0..20_u32 {
            seq.serialize_element(&i)?;
        }
        seq.end()
    }
}

#[test]
fn kinds_may_change_on_the_way() {
    let mut expected: Vec<f64> = (0..20).map(f64::from).collect();
    expected.extend([0.5, 7.0]);
    expected.extend((0..20).map(f64::from));
    assert_eq!(convert::<_, Vec<f64>>(&Changing).unwrap(), expected);
}

/// Asks for each number of [`Changing`] as the kind it has, or in other ways, and stops where it is told to.
struct Picky<const STOP: usize>;
impl<'de, const STOP: usize> Deserialize<'de> for Picky<STOP> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V<const STOP: usize>;
        impl<'de, const STOP: usize> Visitor<'de> for V<STOP> {
            type Value = Picky<STOP>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("numbers that change")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                for at in 0..STOP {
                    assert_eq!(seq.size_hint(), Some(42 - at));
                    match at {
                        20 => assert_eq!(seq.next_element::<f32>()?, Some(0.5)),
                        21 => assert_eq!(seq.next_element::<u8>()?, Some(7)),
                        19 => assert_eq!(seq.next_element::<u64>()?, Some(19)),
                        25 => assert_eq!(seq.next_element::<Option<u32>>()?, Some(Some(3))),
                        _ => assert_eq!(seq.next_element::<u32>()?, Some(at as u32 % 22)),
                    }
                }
                if STOP == 42 {
                    assert_eq!(seq.next_element::<u32>()?, None);
                    assert_eq!(seq.next_element::<u32>()?, None);
                }
                Ok(Picky)
            }
        }
        d.deserialize_seq(V)
    }
}

#[test]
fn each_may_be_asked_for_as_another_kind() {
    assert!(convert::<_, Picky<42>>(&Changing).is_ok());
    assert!(convert::<_, (Picky<42>, char)>(&(Changing, 'x')).is_ok());
}

#[test]
fn what_is_not_read_is_an_error_where_it_stands() {
    fn path<const STOP: usize>() -> String {
        let error = convert::<_, Picky<STOP>>(&Changing).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Leftover, "{error}");
        error.path().to_owned()
    }
    assert_eq!(path::<0>(), "[0]");
    assert_eq!(path::<1>(), "[1]");
    assert_eq!(path::<18>(), "[18]");
    assert_eq!(path::<20>(), "[20]");
    assert_eq!(path::<30>(), "[30]");
    assert_eq!(path::<41>(), "[41]");
}

#[test]
fn what_a_target_refuses_has_its_place() {
    let mut source: Vec<u32> = vec![1; 100];
    source[30] = 1000;
    let error = convert::<_, Vec<u8>>(&source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deserialize, "{error}");
    assert_eq!(error.path(), "[30]");

    let error = convert::<_, Vec<u32>>(&Changing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deserialize, "{error}");
    assert_eq!(error.path(), "[20]");
}

#[test]
fn a_swallowed_error_on_the_way_is_an_error() {
    fn swallow<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u32>, D::Error> {
        Ok(Vec::deserialize(d).unwrap_or_default())
    }
    #[derive(Deserialize, Debug)]
    #[allow(dead_code)]
    struct Lenient {
        #[serde(deserialize_with = "swallow")]
        inner: Vec<u32>,
        after: u32,
    }
    #[derive(Serialize)]
    struct Source {
        inner: Changing,
        after: u32,
    }
    let source = Source {
        inner: Changing,
        after: 5,
    };
    let error = convert::<_, Lenient>(&source).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Leftover, "{error}");
    assert_eq!(error.path(), "after");
}

#[test]
fn max_bytes_bounds_numbers_without_end() {
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.collect_seq(std::iter::repeat(1_u64))
        }
    }
    impl<'de> Deserialize<'de> for Endless {
        fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
            IgnoredAny::deserialize(d).map(|_| Self)
        }
    }
    let error = Copier::new().max_bytes(1000).copy(&Endless).map(drop);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Bytes);

    let numbers = vec![1_u64; 1000];
    let mut small = Copier::new().max_bytes(9008);
    assert_eq!(small.copy(&numbers).unwrap_err().kind(), ErrorKind::Bytes);
    let mut large = Copier::new().max_bytes(9009);
    assert_eq!(large.copy(&numbers).unwrap(), numbers);
}
