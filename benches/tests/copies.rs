//! Whether all contenders make the copy that they are measured at.

use deepclone_benches::workloads::{BARRED, REAL};
use deepclone_benches::{CLONE, Contender, Description, PEER, on_huge_stack};

/// What a contender is allowed.
fn check(id: &str, contender: &Contender, source: &Description, copy: &Description) {
    let name = contender.name;
    // The texts can be long.
    assert!(!source.contents.is_empty(), "{id}: nothing is described");
    assert!(source.contents == copy.contents, "{id}, {name}: contents");
    if id == "W11" && [CLONE, PEER].contains(&name) {
        // The README says so.
        assert!(source.shares_with(copy), "{id}, {name}: shares nothing");
        return;
    }
    assert!(!source.shares_with(copy), "{id}, {name}: shares");
    if name.ends_with("duplicates") {
        assert!(source.edges != copy.edges, "{id}, {name}: no duplicates");
        return;
    }
    assert!(source.edges == copy.edges, "{id}, {name}: edges");
    assert!(source.counts == copy.counts, "{id}, {name}: counts");
}

fn check_all(id: &str) {
    let mut all = BARRED.iter().chain(REAL);
    let (_, make) = all.find(|(other, _)| *other == id).unwrap();
    on_huge_stack(|| {
        let contenders = make().contenders;
        let able = contenders.iter().filter_map(|of| of.copy.as_ref().ok());
        let source = { able }.find_map(|copying| copying.describe_source());
        let source = source.expect("every value is described");
        for contender in &contenders {
            if let Ok(copying) = &contender.copy {
                let copy = copying.describe_copy().expect("as its source is");
                check(id, contender, &source, &copy);
            }
        }
    });
}

macro_rules! workloads {
    ($($test:ident $id:literal)*) => {
        $(
            #[test]
            fn $test() {
                check_all($id);
            }
        )*

        const IDS: &[&str] = &[$($id),*];
    };
}

workloads! {
    w1 "W1"
    w2 "W2"
    w3_with_fewer "W3k"
    w3_with_strings "W3c"
    w4a "W4a"
    w4b "W4b"
    w4c "W4c"
    w4d "W4d"
    w5 "W5"
    w6 "W6"
    w7 "W7"
    w8 "W8"
    w9 "W9"
    w10 "W10"
    w10b "W10b"
    w11 "W11"
    tiny "tiny"
    json "json"
    typed "typed"
    source "source"
    scopes "scopes"
    scene "scene"
}

#[test]
fn none_is_forgotten() {
    // W3 is W3k with more of the same, which would take a minute to describe.
    let all = BARRED.iter().chain(REAL).map(|(id, _)| *id);
    let left: Vec<&str> = all.filter(|id| !IDS.contains(id)).collect();
    assert_eq!(left, ["W3"]);
}
