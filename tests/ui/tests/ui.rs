//! What the macros refuse, and in which words, one mistake a file. The shapes that they must accept are the test `accepted` of
//! `deepclone-tests`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The directories of mistakes, by kind.
fn kinds() -> Vec<PathBuf> {
    let entries = fs::read_dir(".").expect("tests run in the directory of their package");
    let mut kinds: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a directory can be listed").path())
        .filter(|path| path.is_dir() && !path.ends_with("src") && !path.ends_with("tests"))
        .collect();
    kinds.sort();
    kinds
}

#[test]
fn mistakes_are_explained() {
    // Another compiler says the same in other words.
    if !compiler().starts_with(include_str!("../compiler").trim_end()) {
        return;
    }
    let cases = trybuild::TestCases::new();
    // With a file that has to compile among them, they would be built one after the other.
    for kind in kinds() {
        cases.compile_fail(kind.join("*.rs"));
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
    for kind in kinds() {
        for file in fs::read_dir(kind).expect("it is a directory") {
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
    assert!(mistakes >= 130, "{mistakes}");
}
