//! Kinds of values through every codec, as a table in the documentation: right, an error, or silently different.
//!
//! `KINDS=write cargo test -p deepclone-serde --all-features --test kinds` writes the table anew.

#![cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]

#[path = "kinds/attributes.rs"]
mod attributes;
#[path = "kinds/containers.rs"]
mod containers;
#[path = "kinds/enums.rs"]
mod enums;
#[path = "kinds/foreign.rs"]
mod foreign;
#[path = "kinds/keys.rs"]
mod keys;
#[path = "kinds/scalars.rs"]
mod scalars;
#[path = "kinds/std_types.rs"]
mod std_types;
#[path = "kinds/table.rs"]
mod table;

use table::Table;

#[test]
fn the_tape_is_silently_different_only_where_no_recording_could_help() {
    let mut table = Table::default();
    scalars::fill(&mut table);
    std_types::fill(&mut table);
    containers::fill(&mut table);
    keys::fill(&mut table);
    enums::fill(&mut table);
    attributes::fill(&mut table);
    foreign::fill(&mut table);
    table.check();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/kinds.md");
    let text = table.render();
    if std::env::var_os("KINDS").is_some_and(|what| what == "write") {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        text,
        "KINDS=write writes it anew"
    );
}
