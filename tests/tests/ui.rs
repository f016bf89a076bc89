//! What the macros refuse, and in which words, one mistake a file; and the shapes that they must accept.

use std::fs;
use std::process::Command;

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
    // Another compiler says the same in other words.
    let knows_messages = compiler().starts_with(include_str!("../ui-compiler").trim_end());
    for kind in kinds {
        if kind != PASS && !knows_messages {
            continue;
        }
        let files = format!("ui/{kind}/*.rs");
        if kind == PASS {
            cases.pass(files);
        } else {
            cases.compile_fail(files);
        }
    }
}

/// The version of the compiler that the files are given to.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let text = String::from_utf8(output.expect("there is a compiler").stdout);
    let text = text.expect("versions are text");
    text.trim_start_matches("rustc ").to_owned()
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
