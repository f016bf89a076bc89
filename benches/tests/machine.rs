//! Whether the report names what its figures were made with.

use deepclone_benches::machine::{Machine, versions};

const LOCK: &str = r#"
version = 4

[[package]]
name = "serde"
version = "1.0.2"
dependencies = [
 "bincode",
]

[[package]]
name = "bincode"
version = "2.0.1"

[[package]]
name = "bincode"
version = "1.3.3"
"#;

#[test]
fn versions_are_read_from_a_lock_file() {
    assert_eq!(
        versions(LOCK, &["bincode", "serde", "absent"]),
        ["bincode 2.0.1", "bincode 1.3.3", "serde 1.0.2"]
    );
}

#[test]
fn the_codecs_of_this_workspace_have_versions() {
    let codecs = Machine::here().codecs;
    for name in ["serde ", "rmp-serde ", "bincode ", "postcard "] {
        let with_version = |codec: &&String| codec.starts_with(name);
        assert_eq!(codecs.iter().filter(with_version).count(), 1, "{codecs:?}");
    }
}
