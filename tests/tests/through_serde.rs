//! Fields that are copied through serde.

use std::cell::RefCell;
use std::error::Error as _;
use std::rc::Rc;

use deepclone::{DeepClone, ErrorKind};
use serde::{Deserialize, Serialize};

/// Knows nothing of `DeepClone` or `Clone`.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Opaque {
    name: String,
    levels: Vec<Option<Option<f64>>>,
}

#[derive(DeepClone)]
struct Scene {
    shared: Rc<RefCell<u32>>,
    #[deepclone(serde)]
    opaque: Opaque,
    again: Rc<RefCell<u32>>,
}

#[test]
fn a_field_goes_through_serde_and_what_is_around_it_keeps_its_identity() {
    let shared = Rc::new(RefCell::new(1));
    let opaque = || Opaque {
        name: "x".into(),
        levels: vec![None, Some(None), Some(Some(1.5))],
    };
    let scene = Scene {
        shared: shared.clone(),
        opaque: opaque(),
        again: shared,
    };
    let copy = scene.deep_clone();
    assert_eq!(copy.opaque, opaque());
    assert!(Rc::ptr_eq(&copy.shared, &copy.again));
    assert!(!Rc::ptr_eq(&copy.shared, &scene.shared));
    assert_eq!(Rc::strong_count(&copy.shared), 2);
    assert_eq!(Rc::weak_count(&copy.shared), 0);
}

/// Can be written and not be read.
#[derive(Debug, Serialize)]
struct Stubborn(u8);

impl<'de> Deserialize<'de> for Stubborn {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("not today"))
    }
}

#[derive(DeepClone)]
struct Holder {
    before: Rc<u8>,
    #[deepclone(serde)]
    stubborn: Stubborn,
}

#[test]
fn what_serde_says_is_the_source_of_an_error_at_the_field() {
    let holder = Holder {
        before: Rc::new(1),
        stubborn: Stubborn(2),
    };
    let error = holder.try_deep_clone().err().expect("it can't be read");
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(error.path(), "Holder.stubborn");
    assert!(error.type_name().contains("Stubborn"));
    assert!(
        error
            .source()
            .expect("serde's")
            .to_string()
            .contains("not today")
    );
    assert_eq!(Rc::strong_count(&holder.before), 1);
    assert_eq!(holder.stubborn.0, 2);
}
