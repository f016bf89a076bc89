//! The layers of the sources: imports point one way, and unsafe code stands in one place.
//!
//! - `deepclone`: no `unsafe` outside of `raw`, and the file list of `cloner` is the one that its table shows.
//! - `cloner` decides, `raw` does. What `cloner` takes from `raw` are types with safe methods; from the public side it takes errors, options and paths.
//! - `path` and `options` know neither of them, `error` knows what a failure is and nothing of `raw`.
//! - `deepclone-derive` goes from left to right: symbols, attributes, model, checks, bounds, code by hand, code.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use std::ffi::OsStr;

/// The root of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a member of the workspace")
        .to_path_buf()
}

/// All source files below a directory, by their path from there, without comments.
fn sources(directory: &str) -> BTreeMap<String, String> {
    let root = workspace().join(directory);
    let mut sources = BTreeMap::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension() == Some(OsStr::new("rs")) {
                let name = path.strip_prefix(&root).expect("below the root");
                let name = name.to_str().expect("text").replace('\\', "/");
                let text = fs::read_to_string(&path).expect("text");
                sources.insert(name, code(&text));
            }
        }
    }
    assert!(!sources.is_empty(), "no sources in {}", root.display());
    sources
}

/// A text without its comments, and with empty strings.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '/' if chars.peek() == Some(&'/') => {
                for skipped in chars.by_ref() {
                    if skipped == '\n' {
                        code.push('\n');
                        break;
                    }
                }
            }
            '"' => {
                code.push_str("\"\"");
                while let Some(skipped) = chars.next() {
                    match skipped {
                        '\\' => {
                            chars.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                // A quote in quotes would begin a string.
                let mut ahead = chars.clone();
                if ahead.next() == Some('"') && ahead.next() == Some('\'') {
                    chars = ahead;
                } else {
                    code.push(char);
                }
            }
            other => code.push(other),
        }
    }
    code
}

/// Whether a word stands in a text.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric() && char != '_')
        .any(|found| found == word)
}

/// The modules at the root of the crate that a file names by `crate::` or, from a directory of the root, by `super::`.
fn named(name: &str, text: &str) -> Vec<String> {
    let mut paths: Vec<&str> = text.split("crate::").skip(1).collect();
    if name.matches('/').count() == 1 {
        // `super` of a file in a directory is the directory; `super::super` is the root.
        paths.extend(text.split("super::super::").skip(1));
    }
    paths
        .into_iter()
        .map(|path| {
            path.chars()
                .take_while(|char| char.is_alphanumeric() || *char == '_')
                .collect()
        })
        .collect()
}

#[test]
fn unsafe_code_stands_in_raw_alone() {
    for (name, text) in sources("deepclone/src") {
        if !name.starts_with("raw/") {
            assert!(
                !has_word(&text, "unsafe"),
                "`unsafe` in deepclone/src/{name}"
            );
        }
    }
    for directory in [
        "deepclone-derive/src",
        "deepclone-serde/src",
        "deepclone-serde/benches",
        "deepclone/examples",
        "tests/src",
        "tests/tests",
        "benches/src",
        "benches/benches",
    ] {
        for (name, text) in sources(directory) {
            let generated = directory.starts_with("deepclone-derive") && text.contains("quote");
            assert!(
                generated || !has_word(&text, "unsafe"),
                "`unsafe` in {directory}/{name}"
            );
        }
    }
}

#[test]
fn every_unsafe_block_says_why() {
    let root = workspace().join("deepclone/src/raw");
    for name in sources("deepclone/src/raw").keys() {
        let text = fs::read_to_string(root.join(name)).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let line = line.trim_start();
            let opens = line.starts_with("unsafe impl")
                || line.contains("unsafe { ") && !line.starts_with("//")
                || line.ends_with("unsafe {") && !line.starts_with("//");
            if opens {
                let above = number.saturating_sub(12)..=number;
                assert!(
                    above
                        .clone()
                        .any(|number| lines[number].contains("SAFETY:")),
                    "deepclone/src/raw/{name}:{} has no reason",
                    number + 1
                );
            }
        }
    }
}

#[test]
fn what_is_public_and_plain_knows_neither_the_engine_nor_raw() {
    let sources = sources("deepclone/src");
    for name in ["options.rs", "path.rs"] {
        let named = named(name, &sources[name]);
        assert!(
            named
                .iter()
                .all(|module| module != "cloner" && module != "raw"),
            "{name} names {named:?}"
        );
    }
    let named = named("error.rs", &sources["error.rs"]);
    assert!(named.iter().all(|module| module != "raw"), "{named:?}");
}

#[test]
fn the_engine_decides_and_names_no_impl() {
    for (name, text) in sources("deepclone/src") {
        if !name.starts_with("cloner/") {
            continue;
        }
        for module in named(&name, &text) {
            assert!(
                ["cloner", "error", "options", "path", "raw"].contains(&module.as_str()),
                "deepclone/src/{name} names `{module}`"
            );
        }
        assert!(
            !text.contains("raw::impls"),
            "deepclone/src/{name} names an impl"
        );
    }
}

#[test]
fn features_stand_on_the_engine_and_not_the_other_way() {
    let above = ["parallel", "snapshot", "shards", "batch"];
    for (name, text) in sources("deepclone/src") {
        if name.starts_with("cloner/") {
            for module in named(&name, &text) {
                assert!(!above.contains(&module.as_str()), "{name} names `{module}`");
            }
        }
    }
}

#[test]
fn every_file_of_the_engine_is_in_its_table() {
    let root = workspace().join("deepclone/src/cloner");
    let table = fs::read_to_string(root.join("mod.rs")).expect("text");
    for name in sources("deepclone/src/cloner").keys() {
        let module = name.trim_end_matches(".rs").trim_end_matches("/mod");
        if module == "mod" || module.contains('/') {
            continue;
        }
        let row = table.lines().any(|line| {
            line.starts_with("//! |")
                && (line.contains(&format!("`{module}`")) || line.contains(&format!("`{module}/`")))
        });
        assert!(row, "`{module}` is missing in the table of cloner/mod.rs");
    }
}

#[test]
fn the_derive_goes_from_left_to_right() {
    let order = [
        "symbol",
        "ctxt",
        "attr",
        "ast",
        "check",
        "container",
        "bound",
        "by_hand",
        "expand",
    ];
    let place = |module: &str| order.iter().position(|known| *known == module);
    for (name, text) in sources("deepclone-derive/src") {
        let module = name.trim_end_matches(".rs");
        let module = module.split('/').next().expect("a name");
        let Some(at) = place(module) else {
            assert!(["lib", "golden"].contains(&module), "where is `{module}`?");
            continue;
        };
        for named in named(&name, &text) {
            if let Some(to) = place(&named) {
                assert!(
                    to <= at,
                    "deepclone-derive/src/{name} names `{named}`, which stands to its right"
                );
            }
        }
    }
}

#[test]
fn the_codecs_of_the_serde_crate_know_nothing_of_the_engine() {
    for (name, text) in sources("deepclone-serde/src") {
        if name.starts_with("codec/") {
            assert!(
                !has_word(&text, "deepclone"),
                "deepclone-serde/src/{name} names `deepclone`"
            );
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_no_file_owns_leftovers() {
    for directory in [
        "deepclone/src",
        "deepclone-derive/src",
        "deepclone-serde/src",
        "tests/src",
        "tests/tests",
        "benches/src",
    ] {
        for name in sources(directory).keys() {
            let text = fs::read_to_string(workspace().join(directory).join(name)).expect("text");
            assert!(
                text.starts_with("//!") || text.starts_with("#![doc = include_str!"),
                "{directory}/{name} does not say what it owns"
            );
            let stem = Path::new(name).file_stem().expect("a name");
            for leftovers in ["util", "utils", "misc", "helpers", "common", "types"] {
                let tests = directory == "tests/tests";
                assert!(tests || stem != OsStr::new(leftovers), "{directory}/{name}");
            }
        }
    }
}
