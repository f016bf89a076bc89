//! `return`, `?`, `break` and `continue` that stay within what the user wrote.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

#[derive(DeepClone)]
struct Account {
    #[deepclone(default = return 3)]
    returned: u32,
    #[deepclone(default = { fn inner() -> u32 { 4 } inner() })]
    nested: u32,
    #[deepclone(default = nothing()?.checked_add(1))]
    asked: Option<u32>,
    #[deepclone(default = 'labelled: { break 'labelled 6 })]
    looped: u32,
}

fn nothing() -> Option<u32> {
    None
}

#[test]
fn expressions_of_the_users_with_jumps_that_stay_within_them() {
    let copy = Account {
        returned: 0,
        nested: 0,
        asked: Some(1),
        looped: 0,
    }
    .deep_clone();
    assert_eq!(
        (copy.returned, copy.nested, copy.asked, copy.looped),
        (3, 4, None, 6)
    );
}
