//! The codecs that write bytes keep the same limits and name the same places.

#![cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]

use deepclone_serde::{Copier, ErrorKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::depth::{nest, take_apart};
use super::next_copy_is_fine;

/// Writes three numbers and reads two.
struct Three;

impl Serialize for Three {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (1_u8, 2_u8, 3_u8).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Three {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        <(u8, u8)>::deserialize(d).map(|_| Self)
    }
}

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
