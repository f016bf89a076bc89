//! Whatever a value's own code does, a copy ends with a value or an error, and the next copy is fine.

mod codecs;
mod cycles;
mod depth;
mod limits;
mod reading;
mod writing;

use deepclone_serde::copy;
use std::collections::BTreeMap;

fn next_copy_is_fine() {
    let value = (vec![Some("a".to_owned()), None], BTreeMap::from([(1, 'x')]));
    assert_eq!(copy(&value).unwrap(), value);
}
