//! The input of `impl_deep_clone!`: `impl generics for Type where … = expression`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, GenericParam, Generics, Path, Token, Type, WhereClause};

use crate::ctxt::Ctxt;

const FORM: &str = "write `impl_deep_clone! { impl for Type = path::to::copy }`, with generics behind `impl` and a \
                    where-clause behind the type if the type needs them";

pub(crate) struct ByHand {
    pub(crate) krate: Path,
    pub(crate) generics: Generics,
    pub(crate) ty: Type,
    /// `None` if the input was wrong.
    pub(crate) copy: Option<Expr>,
}

impl ByHand {
    /// What could be read, and what was wrong.
    pub(crate) fn parse(input: TokenStream) -> (Option<Self>, TokenStream) {
        let cx = Ctxt::new();
        let mut read = None;
        let parser = |input: ParseStream<'_>| {
            read = parse(&cx, input)?;
            Ok(())
        };
        if let Err(error) = parser.parse2(input) {
            cx.syntax(&error, FORM);
        }
        let errors = cx.finish();
        if let (Some(read), Some(_)) = (&mut read, &errors) {
            read.copy = None;
        }
        (read, errors.unwrap_or_default())
    }
}

/// `Err` is a mistake that leaves no type to speak of.
fn parse(cx: &Ctxt, input: ParseStream<'_>) -> syn::Result<Option<ByHand>> {
    let krate;
    syn::parenthesized!(krate in input);
    let krate = krate.call(Path::parse_mod_style)?;
    if let Some(word) = input.parse::<Option<Token![unsafe]>>()? {
        cx.error(
            word,
            "`unsafe` is not needed: this impl is checked in full",
            FORM,
        );
    }
    if !input.peek(Token![impl]) {
        return Err(input.error("`impl` was expected here"));
    }
    input.parse::<Token![impl]>()?;
    let mut generics: Generics = input.parse()?;
    no_defaults(cx, &mut generics);
    no_trait(cx, input)?;
    input.parse::<Token![for]>()?;
    let ty: Type = input.parse()?;
    generics.where_clause = input.parse::<Option<WhereClause>>()?;
    let mut read = ByHand {
        krate,
        generics,
        ty,
        copy: None,
    };
    match value(cx, input, &read.ty) {
        Ok(copy) => read.copy = copy,
        Err(error) => cx.syntax(&error, FORM),
    }
    let _ = input.parse::<TokenStream>();
    Ok(Some(read))
}

/// What is written behind the type: `= expression`.
fn value(cx: &Ctxt, input: ParseStream<'_>, ty: &Type) -> syn::Result<Option<Expr>> {
    if input.peek(syn::token::Brace) {
        let body: TokenTree = input.parse()?;
        cx.error(body, "`impl_deep_clone!` takes no body in braces", FORM);
        return Ok(None);
    }
    if input.is_empty() {
        cx.error(ty, "behind the type, nothing says how to copy it", FORM);
        return Ok(None);
    }
    let eq = input.parse::<Token![=]>()?;
    if input.is_empty() {
        cx.error(
            eq,
            "the function that makes the copy is missing behind `=`",
            FORM,
        );
        return Ok(None);
    }
    let copy = input.parse()?;
    input.parse::<Option<Token![;]>>()?;
    if !input.is_empty() {
        let rest: TokenStream = input.parse()?;
        cx.error(
            rest,
            "one call of `impl_deep_clone!` makes one impl",
            "remove this, or move it to a call of its own",
        );
    }
    Ok(Some(copy))
}

fn no_defaults(cx: &Ctxt, generics: &mut Generics) {
    let help = "defaults stand where the type is declared: remove this one";
    for param in &mut generics.params {
        match param {
            GenericParam::Type(param) => {
                if let Some((eq, default)) = param.default.take() {
                    cx.error(
                        quote::quote!(#eq #default),
                        "a parameter of an impl has no default",
                        help,
                    );
                }
            }
            GenericParam::Const(param) => {
                if let Some((eq, default)) = param.default.take() {
                    cx.error(
                        quote::quote!(#eq #default),
                        "a parameter of an impl has no default",
                        help,
                    );
                }
            }
            GenericParam::Lifetime(_) => {}
        }
    }
}

/// `impl DeepClone for Type` is how an impl is written elsewhere.
fn no_trait(cx: &Ctxt, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![for]) {
        return Ok(());
    }
    let ahead = input.fork();
    match ahead.parse::<Path>() {
        Ok(path) if ahead.peek(Token![for]) => {
            input.parse::<Path>()?;
            cx.error(path.to_token_stream(), "the trait is not named here", FORM);
            Ok(())
        }
        _ => Err(input.error("`for` was expected here")),
    }
}
