//! Types that lead nowhere: copied by their bytes or by their `Clone`.

#[cfg(any(
    feature = "arrayvec-0_7",
    feature = "chrono-0_4",
    feature = "num-bigint-0_4",
    feature = "ordered-float-5",
    feature = "time-0_3",
    feature = "uuid-1"
))]
mod plain {
    use super::super::super::plain::plain;
    use crate::cloner::Engine;
    use crate::raw::place::place_bytes;
    use crate::raw::sweep::sweep_nothing;
    use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

    #[cfg(feature = "arrayvec-0_7")]
    plain! { {const CAPACITY: usize} arrayvec::ArrayString<CAPACITY> }

    #[cfg(feature = "num-bigint-0_4")]
    plain! { num_bigint::Sign }

    #[cfg(feature = "ordered-float-5")]
    plain! {
        ordered_float::OrderedFloat<f32>, ordered_float::OrderedFloat<f64>,
        ordered_float::NotNan<f32>, ordered_float::NotNan<f64>,
    }

    #[cfg(feature = "uuid-1")]
    plain! { uuid::Uuid, uuid::NonNilUuid }

    #[cfg(feature = "chrono-0_4")]
    plain! {
        chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime,
        chrono::TimeDelta, chrono::Utc, chrono::FixedOffset, chrono::Month, chrono::Weekday,
        chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::FixedOffset>,
    }

    #[cfg(feature = "time-0_3")]
    plain! {
        time::Date, time::Time, time::Duration, time::PrimitiveDateTime, time::OffsetDateTime,
        time::UtcOffset, time::Month, time::Weekday,
    }
}

#[cfg(any(
    feature = "bytes-1",
    feature = "num-bigint-0_4",
    feature = "semver-1",
    feature = "serde_json-1",
    feature = "url-2"
))]
mod by_clone {
    use super::super::super::text::leaf;
    use crate::cloner::Engine;
    use crate::raw::sweep::sweep_leaf;
    use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

    #[cfg(feature = "bytes-1")]
    leaf! { bytes::BytesMut: |bytes| bytes.len() }

    #[cfg(feature = "num-bigint-0_4")]
    leaf! {
        num_bigint::BigUint: |number| (number.bits() / 8) as usize,
        num_bigint::BigInt: |number| (number.bits() / 8) as usize,
    }
    #[cfg(feature = "semver-1")]
    leaf! {
        semver::Version: |_| 0,
        semver::VersionReq: |requirement| size_of_val(requirement.comparators.as_slice()),
        semver::Comparator: |_| 0,
        semver::Prerelease: |text| text.len(),
        semver::BuildMetadata: |text| text.len(),
    }

    #[cfg(feature = "url-2")]
    leaf! {
        url::Url: |url| url.as_str().len(),
        url::Host: |_| 0,
        url::Origin: |_| 0,
    }

    #[cfg(feature = "serde_json-1")]
    leaf! {
        serde_json::Value: |value| held(value),
        serde_json::Map<alloc::string::String, serde_json::Value>:
            |map| map.iter().map(|(key, value)| key.len() + size_of_val(value) + held(value)).sum(),
        serde_json::Number: |_| 0,
    }

    /// Bytes of text and rows below a value.
    #[cfg(feature = "serde_json-1")]
    fn held(value: &serde_json::Value) -> usize {
        use serde_json::Value;
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(values) => {
                size_of_val(values.as_slice()) + values.iter().map(held).sum::<usize>()
            }
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| key.len() + size_of_val(value) + held(value))
                .sum(),
        }
    }

    /// Immutable, but shared by its `Clone`: so its bytes are copied.
    #[cfg(feature = "bytes-1")]
    // SAFETY: P1: written whole, after the only thing that can fail.
    unsafe impl DeepClone for bytes::Bytes {
        unsafe fn __place(&self, dst: *mut u8, engine: &mut Engine<'_>) -> Placed {
            engine.charge_bytes::<Self>(self.len())?;
            // SAFETY: `dst` has room for one.
            unsafe { dst.cast::<Self>().write(Self::copy_from_slice(self)) };
            Ok(())
        }
        fn __sweeper(&self) -> crate::raw::traits::Sweeper {
            sweep_leaf::<Self>
        }
    }
}
