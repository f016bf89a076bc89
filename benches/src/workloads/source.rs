//! A real syntax tree: this workspace's own sources, as `syn` reads them, in a type of ours.

use std::fs;
use std::path::{Path, PathBuf};

use deepclone::DeepClone;
use quote::{ToTokens, quote};
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::peers::{peer_enum, peer_struct};
use crate::workload::{Builder, Workload};

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct File {
    path: String,
    items: Vec<Item>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Item {
    attributes: Vec<Tokens>,
    kind: Kind,
    name: Option<String>,
    signature: Tokens,
    body: Tokens,
    items: Vec<Item>,
}

#[derive(Clone, Copy, DeepClone, Serialize, Deserialize)]
enum Kind {
    Function,
    Struct,
    Enum,
    Impl,
    Trait,
    Module,
    Use,
    Other,
}

type Tokens = Vec<Token>;

#[derive(Clone, DeepClone, Serialize, Deserialize)]
enum Token {
    Word(String),
    Sign(char),
    Literal(String),
    Group(char, Tokens),
}

peer_struct! {
    File { path, items }
    Item { attributes, kind, name, signature, body, items }
}
peer_enum!(Kind {
    Function,
    Struct,
    Enum,
    Impl,
    Trait,
    Module,
    Use,
    Other
});
peer_enum!(Token { Word(word), Sign(sign), Literal(literal), Group(open, tokens) });

fn tokens(of: impl ToTokens) -> Tokens {
    use proc_macro2::{Delimiter, TokenTree};
    of.into_token_stream()
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(word) => Token::Word(word.to_string()),
            TokenTree::Punct(sign) => Token::Sign(sign.as_char()),
            TokenTree::Literal(literal) => Token::Literal(literal.to_string()),
            TokenTree::Group(group) => {
                let open = match group.delimiter() {
                    Delimiter::Parenthesis => '(',
                    Delimiter::Brace => '{',
                    Delimiter::Bracket => '[',
                    Delimiter::None => ' ',
                };
                Token::Group(open, tokens(group.stream()))
            }
        })
        .collect()
}

fn attributes(of: &[syn::Attribute]) -> Vec<Tokens> {
    of.iter().map(tokens).collect()
}

fn function(attrs: &[syn::Attribute], sig: &syn::Signature, body: impl ToTokens) -> Item {
    Item {
        attributes: attributes(attrs),
        kind: Kind::Function,
        name: Some(sig.ident.to_string()),
        signature: tokens(sig),
        body: tokens(body),
        items: Vec::new(),
    }
}

fn leaf(of: impl ToTokens) -> Item {
    Item {
        attributes: Vec::new(),
        kind: Kind::Other,
        name: None,
        signature: Vec::new(),
        body: tokens(of),
        items: Vec::new(),
    }
}

fn item(of: &syn::Item) -> Item {
    match of {
        syn::Item::Fn(of) => function(&of.attrs, &of.sig, &of.block),
        syn::Item::Struct(of) => Item {
            attributes: attributes(&of.attrs),
            kind: Kind::Struct,
            name: Some(of.ident.to_string()),
            signature: tokens(&of.generics),
            body: tokens(&of.fields),
            items: Vec::new(),
        },
        syn::Item::Enum(of) => Item {
            attributes: attributes(&of.attrs),
            kind: Kind::Enum,
            name: Some(of.ident.to_string()),
            signature: tokens(&of.generics),
            body: tokens(&of.variants),
            items: Vec::new(),
        },
        syn::Item::Impl(of) => {
            let generics = &of.generics;
            let of_type = &of.self_ty;
            Item {
                attributes: attributes(&of.attrs),
                kind: Kind::Impl,
                name: None,
                signature: tokens(quote!(#generics #of_type)),
                body: Vec::new(),
                items: of
                    .items
                    .iter()
                    .map(|of| match of {
                        syn::ImplItem::Fn(of) => function(&of.attrs, &of.sig, &of.block),
                        of => leaf(of),
                    })
                    .collect(),
            }
        }
        syn::Item::Trait(of) => Item {
            attributes: attributes(&of.attrs),
            kind: Kind::Trait,
            name: Some(of.ident.to_string()),
            signature: tokens(&of.generics),
            body: Vec::new(),
            items: of
                .items
                .iter()
                .map(|of| match of {
                    syn::TraitItem::Fn(of) => function(&of.attrs, &of.sig, &of.default),
                    of => leaf(of),
                })
                .collect(),
        },
        syn::Item::Mod(of) => Item {
            attributes: attributes(&of.attrs),
            kind: Kind::Module,
            name: Some(of.ident.to_string()),
            signature: Vec::new(),
            body: Vec::new(),
            items: of
                .content
                .iter()
                .flat_map(|(_, items)| items)
                .map(item)
                .collect(),
        },
        syn::Item::Use(of) => Item {
            kind: Kind::Use,
            ..leaf(of)
        },
        of => leaf(of),
    }
}

fn rust_files(below: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(below).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The files that `syn` can read: some that test mistakes are meant not to be.
pub(super) fn workspace() -> Workload {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the workspace");
    let mut paths = Vec::new();
    rust_files(workspace, &mut paths);
    paths.sort();
    let files: Vec<File> = paths
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let file = syn::parse_file(&text).ok()?;
            Some(File {
                path: path.to_string_lossy().into_owned(),
                items: file.items.iter().map(item).collect(),
            })
        })
        .collect();
    Builder::new(
        "source",
        "this workspace's sources as a syntax tree",
        "what a macro, a formatter or a language server keeps: deep vectors of an enum, short strings",
        files,
    )
    .described(Description::of_plain)
    .cloned()
    .by_hand_is_clone()
    .deep_cloned()
    .peer_plain()
    .through_serde()
    .build()
}
