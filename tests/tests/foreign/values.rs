//! What has one owner and no parts of the user's: numbers, times, text and bytes.

use arrayvec::ArrayString;
use deepclone::DeepClone;

#[test]
fn what_others_made_of_bytes_is_the_same_in_the_copy() {
    let day = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let source = (
        uuid::Uuid::from_u128(7),
        day,
        time::Duration::seconds(3),
        ordered_float::OrderedFloat(f64::NAN),
        ArrayString::<8>::from("abc").unwrap(),
        num_bigint::BigInt::from(-5) * 1_000_000_007_u64,
        semver::Version::parse("1.2.3-pre.longer-than-a-word+build").unwrap(),
        url::Url::parse("https://example.org/a?b=c").unwrap(),
        serde_json::json!({"a": [1, 2.5, null], "b": {"c": "d"}}),
    );
    assert_eq!(source.deep_clone(), source);
}

#[test]
fn bytes_are_copied_not_shared() {
    let source = bytes::Bytes::from(vec![1_u8; 64]);
    let copy = source.deep_clone();
    assert_eq!(copy, source);
    assert_ne!(copy.as_ptr(), source.as_ptr());
    assert!(source.is_unique());
}
