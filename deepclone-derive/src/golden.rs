//! Whole expansions, as text. `golden/NAME.in.rs` is a type, `golden/NAME.out.rs` what the derive makes of it, formatted;
//! `golden/NAME.macro.rs` is the input of `impl_deep_clone!`. `GOLDEN=overwrite cargo test` writes what is made now, to be
//! formatted and read.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The tokens as one text. A comma at the end of a list is the formatter's affair.
fn text(tokens: TokenStream) -> String {
    let mut words = Vec::new();
    collect(tokens, &mut words);
    words.join(" ")
}

fn collect(tokens: TokenStream, words: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                collect(group.stream(), words);
                words.push(close.to_owned());
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                let closes = match tokens.peek() {
                    None => true,
                    Some(TokenTree::Punct(next)) => next.as_char() == '>',
                    Some(TokenTree::Group(next)) => next.delimiter() == Delimiter::Brace,
                    Some(_) => false,
                };
                if !closes {
                    words.push(",".to_owned());
                }
            }
            other => words.push(other.to_string()),
        }
    }
}

fn read(path: &Path) -> TokenStream {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn expansions_are_as_they_were_read() {
    let mut count = 0;
    let mut changed = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("golden"))
        .expect("the directory is there")
    {
        let path = entry.expect("a directory can be listed").path();
        let name = path.to_str().expect("names are UTF-8").to_owned();
        let (stem, made) = if let Some(stem) = name.strip_suffix(".in.rs") {
            let input = syn::parse2(read(&path)).expect("the input is a type");
            (stem, crate::expand::derive(&input))
        } else if let Some(stem) = name.strip_suffix(".macro.rs") {
            (stem, crate::expand::impl_deep_clone(read(&path)))
        } else {
            continue;
        };
        count += 1;
        let expected = PathBuf::from(format!("{stem}.out.rs"));
        if env::var_os("GOLDEN").is_some_and(|value| value == "overwrite") {
            fs::write(&expected, made.to_string()).expect("the directory can be written");
        } else if text(made.clone()) != text(read(&expected)) {
            changed.push(format!("{}:\n{made}\n", expected.display()));
        }
    }
    assert!(count >= 8, "{count}");
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
