//! The list in `#[deepclone(…)]`, word by word. A broken entry is reported and skipped; the next one is read again.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprPath, Ident, Lit, LitStr, Meta, Path, Token, token};

use crate::ctxt::Ctxt;
use crate::symbol::{ATTRIBUTE, Position, Word, legal_words, meant};

/// One entry of the list: a word, and what is written behind its `=`.
pub(crate) struct Item {
    pub(crate) word: Word,
    name: Ident,
    value: Option<(Token![=], Expr)>,
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        if let Some((eq, value)) = &self.value {
            eq.to_tokens(tokens);
            value.to_tokens(tokens);
        }
    }
}

impl Item {
    /// The word alone, for spans.
    pub(crate) fn name(&self) -> &Ident {
        &self.name
    }

    /// For a word that takes no value.
    pub(crate) fn bare(&self, cx: &Ctxt) -> Option<()> {
        if self.value.is_none() {
            return Some(());
        }
        let word = self.word;
        cx.error(
            self,
            format_args!("`{word}` takes no value"),
            format_args!("write `{word}` alone"),
        );
        None
    }

    /// For a word whose value may be left out.
    pub(crate) fn optional_expr(&self) -> Option<Expr> {
        self.value.as_ref().map(|(_, value)| value.clone())
    }

    /// For a word whose value is the path of a function.
    pub(crate) fn function(&self, cx: &Ctxt, signature: &str) -> Option<ExprPath> {
        let word = self.word;
        let help = format!("write `{word} = path`, with the path of a {signature}");
        match self.value.as_ref().map(|(_, value)| ungrouped(value)) {
            Some(Expr::Path(path)) if path.attrs.is_empty() => return Some(path.clone()),
            Some(Expr::Lit(lit)) if matches!(lit.lit, Lit::Str(_)) => {
                cx.error(
                    self,
                    format_args!("`{word}` takes a path, not a string"),
                    format_args!("{help}, without quotes"),
                );
            }
            Some(Expr::Closure(_)) => {
                let help = format!("{help}: give the closure a name with `fn`");
                cx.error(
                    self,
                    format_args!("`{word}` takes a path, not a closure"),
                    help,
                );
            }
            Some(Expr::Call(_)) => {
                let help = format!("{help}, without arguments");
                cx.error(
                    self,
                    format_args!("`{word}` takes a path, not a call"),
                    help,
                );
            }
            Some(_) => cx.error(
                self,
                format_args!("`{word}` takes the path of a function"),
                help,
            ),
            None => cx.error(self, format_args!("`{word}` without a function"), help),
        }
        None
    }

    /// For a word whose value is the path of a module.
    pub(crate) fn module(&self, cx: &Ctxt) -> Option<Path> {
        let help = "write `crate = path`, with the path at which `deepclone` is found: `crate = my_prelude::deepclone`";
        match self.value.as_ref().map(|(_, value)| ungrouped(value)) {
            Some(Expr::Path(ExprPath {
                qself: None,
                path,
                attrs,
            })) if attrs.is_empty() && is_module(path) => {
                return Some(path.clone());
            }
            Some(Expr::Lit(lit)) if matches!(lit.lit, Lit::Str(_)) => {
                cx.error(
                    self,
                    "`crate` takes a path, not a string",
                    format_args!("{help}, without quotes"),
                );
            }
            Some(_) => cx.error(self, "`crate` takes the path of a crate or module", help),
            None => cx.error(self, "`crate` without a path", help),
        }
        None
    }

    /// For a word whose value is a string.
    pub(crate) fn string(&self, cx: &Ctxt) -> Option<LitStr> {
        let word = self.word;
        let usage = word.usage();
        match self.value.as_ref().map(|(_, value)| ungrouped(value)) {
            Some(Expr::Lit(lit)) => {
                if let Lit::Str(text) = &lit.lit {
                    return Some(text.clone());
                }
                cx.error(
                    self,
                    format_args!("`{word}` takes a string"),
                    format_args!("write `{usage}`"),
                );
            }
            Some(_) => cx.error(
                self,
                format_args!("`{word}` takes a string"),
                format_args!("put it in quotes: `{usage}`"),
            ),
            None => cx.error(
                self,
                format_args!("`{word}` without a value"),
                format_args!("write `{usage}`"),
            ),
        }
        None
    }
}

fn is_module(path: &Path) -> bool {
    path.segments
        .iter()
        .all(|segment| segment.arguments.is_none())
}

/// The expression without the invisible brackets that `macro_rules!` puts around what it captured.
fn ungrouped(mut expr: &Expr) -> &Expr {
    while let Expr::Group(group) = expr {
        expr = &group.expr;
    }
    expr
}

/// Every readable entry of all `#[deepclone(…)]` among `attrs`.
pub(crate) fn items(cx: &Ctxt, attrs: &[Attribute], position: Position) -> Vec<Item> {
    let mut items = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(ATTRIBUTE)) {
        match &attr.meta {
            Meta::List(list) => {
                let read = |input: ParseStream<'_>| {
                    read_list(cx, input, position, &mut items);
                    Ok(())
                };
                if let Err(error) = read.parse2(list.tokens.clone()) {
                    cx.syntax(&error, legal_words(position));
                }
            }
            Meta::Path(_) | Meta::NameValue(_) => {
                let help = format!(
                    "write the words in parentheses: `#[deepclone(…)]`\n{}",
                    legal_words(position)
                );
                cx.error(&attr.meta, "`deepclone` without a list of words", help);
            }
        }
    }
    items
}

fn read_list(cx: &Ctxt, input: ParseStream<'_>, position: Position, items: &mut Vec<Item>) {
    while !input.is_empty() {
        match read_item(cx, input, position) {
            Ok(item) => items.extend(item),
            Err(error) => {
                cx.syntax(&error, legal_words(position));
                skip_to_comma(input);
            }
        }
        if !input.is_empty() && input.parse::<Token![,]>().is_err() {
            cx.error(
                next_token(input),
                "a comma is missing before this",
                "separate the words with `,`",
            );
            skip_to_comma(input);
            let _ = input.parse::<Token![,]>();
        }
    }
}

/// `None` is an entry that was reported and read to its end.
fn read_item(cx: &Ctxt, input: ParseStream<'_>, position: Position) -> syn::Result<Option<Item>> {
    if input.peek(Lit) {
        let lit = skip_to_comma(input);
        cx.error(
            lit,
            "a word was expected here, not a literal",
            format_args!("words stand without quotes\n{}", legal_words(position)),
        );
        return Ok(None);
    }
    if !input.peek(Ident::peek_any) {
        return Err(input.error("a word was expected here"));
    }
    let name = input.call(Ident::parse_any)?;
    let text = name.unraw().to_string();
    let Some(word) = Word::parse(&text) else {
        let rest = skip_to_comma(input);
        let help = match meant(&text) {
            Some(meant) => format!("{meant}\n{}", legal_words(position)),
            None => legal_words(position).to_owned(),
        };
        let whole = quote!(#name #rest);
        cx.error(
            whole,
            format_args!("`deepclone` does not know the word `{text}`"),
            help,
        );
        return Ok(None);
    };
    if input.peek(token::Paren) || input.peek(token::Bracket) || input.peek(token::Brace) {
        let rest = skip_to_comma(input);
        let whole = quote!(#name #rest);
        cx.error(
            whole,
            format_args!("`{word}` takes no list"),
            format_args!("write `{}`", word.usage()),
        );
        return Ok(None);
    }
    if !input.peek(Token![=]) {
        return Ok(Some(Item {
            word,
            name,
            value: None,
        }));
    }
    let eq = input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        let whole = quote!(#name #eq);
        cx.error(
            whole,
            format_args!("nothing is written behind `{word} =`"),
            format_args!("write `{}`", word.usage()),
        );
        return Ok(None);
    }
    let written = skip_to_comma(&input.fork());
    match input.parse() {
        Ok(value) => Ok(Some(Item {
            word,
            name,
            value: Some((eq, value)),
        })),
        Err(error) => {
            skip_to_comma(input);
            let whole = quote!(#name #eq #written);
            let error = error.to_string();
            let reason = error
                .strip_prefix("unexpected end of input, ")
                .unwrap_or(&error);
            cx.error(
                whole,
                format_args!("what is written behind `{word} =` can't be read: {reason}"),
                format_args!("write `{}`", word.usage()),
            );
            Ok(None)
        }
    }
}

fn skip_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([next_token(input)]);
    }
    skipped
}

/// Takes one token or bracketed group. The input isn't empty.
fn next_token(input: ParseStream<'_>) -> proc_macro2::TokenTree {
    input
        .parse()
        .expect("the input was asked whether it is empty")
}
