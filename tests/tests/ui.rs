//! What the macros refuse, and in which words, one mistake a file; and the shapes that they must accept.

use std::fs;

/// The directory whose files must compile and run. In every other one, the files must not compile.
const PASS: &str = "pass";

#[test]
fn mistakes_are_explained_and_shapes_accepted() {
    let cases = trybuild::TestCases::new();
    let mut kinds: Vec<String> = fs::read_dir("ui")
        .expect("tests run in the directory of their package")
        .map(|entry| {
            entry
                .expect("a directory can be listed")
                .file_name()
                .into_string()
                .expect("names are UTF-8")
        })
        .collect();
    kinds.sort();
    assert!(kinds.iter().any(|kind| kind == PASS));
    for kind in kinds {
        let files = format!("ui/{kind}/*.rs");
        if kind == PASS {
            cases.pass(files);
        } else {
            cases.compile_fail(files);
        }
    }
}

#[test]
fn every_mistake_has_its_words() {
    let mut mistakes = 0;
    for kind in fs::read_dir("ui").expect("tests run in the directory of their package") {
        let kind = kind.expect("a directory can be listed").path();
        if kind.ends_with(PASS) {
            continue;
        }
        for file in fs::read_dir(kind).expect("ui holds directories only") {
            let file = file.expect("a directory can be listed").path();
            if file.extension().is_some_and(|extension| extension == "rs") {
                assert!(
                    file.with_extension("stderr").exists(),
                    "{} was never judged",
                    file.display()
                );
                mistakes += 1;
            }
        }
    }
    assert!(mistakes >= 40, "{mistakes}");
}
