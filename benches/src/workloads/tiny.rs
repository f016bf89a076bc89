//! The smallest values that a deep clone is asked for.

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::peers::peer_struct;
use crate::workload::{Builder, Workload};

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Setting {
    id: u32,
    revision: u64,
    name: String,
    value: String,
    limit: Box<u64>,
}

peer_struct! { Setting { id, revision, name, value, limit } }

pub(super) fn setting() -> Workload {
    let setting = Setting {
        id: 7,
        revision: 3,
        name: "timeout".to_owned(),
        value: "30 s".to_owned(),
        limit: Box::new(60),
    };
    Builder::new(
        "tiny",
        "a struct of two integers, two Strings and a Box",
        "a key, an event, a setting: three small allocations, beside which every fixed cost shows",
        setting,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .build()
}
