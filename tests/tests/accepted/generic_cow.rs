//! A `Cow` of a parameter asks for nothing but that what it owns can be cloned.

use std::borrow::Cow;

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Named<'a, T: ToOwned + ?Sized> {
    name: Cow<'a, T>,
}

#[test]
fn a_cow_of_what_a_parameter_says() {
    let borrowed: Named<'_, str> = Named {
        name: Cow::Borrowed("a"),
    };
    assert!(matches!(borrowed.deep_clone().name, Cow::Borrowed("a")));
    let owned: Named<'_, [String]> = Named {
        name: Cow::Owned(vec!["b".to_owned()]),
    };
    assert!(matches!(owned.deep_clone().name, Cow::Owned(texts) if texts == ["b"]));
}
