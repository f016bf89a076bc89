//! The input of `impl_deep_clone!`: `impl generics for Type where … = expression`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{
    ConstParam, Expr, GenericParam, Generics, Ident, Path, Token, Type, TypeParam, WhereClause,
};

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
    let impl_token = input.parse::<Option<Token![impl]>>()?;
    let mut generics = if impl_token.is_some() {
        input.parse()?
    } else {
        Generics::default()
    };
    no_defaults(cx, &mut generics);
    no_trait(cx, input)?;
    let for_token = input.parse::<Option<Token![for]>>()?;
    let ty: Type = input.parse()?;
    let missing = match (impl_token, for_token) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some("`impl` is missing before `for`"),
        (Some(_), None) => Some("`for` is missing before the type"),
        (None, None) => Some("`impl for` is missing before the type"),
    };
    if let Some(missing) = missing {
        cx.error(&ty, missing, FORM);
    }
    generics.where_clause = input.parse::<Option<WhereClause>>()?;
    no_idle_parameters(cx, &mut generics, &ty);
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
    if input.peek(Token![=>]) {
        let arrow = input.parse::<Token![=>]>()?;
        cx.error(arrow, "`=` was expected here", FORM);
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

/// A parameter that nothing mentions. It is taken out, so that the compiler has nothing to say about it.
fn no_idle_parameters(cx: &Ctxt, generics: &mut Generics, ty: &Type) {
    let mentioned = |ident: &Ident, generics: &Generics| {
        let bounds = generics.params.iter().map(|param| match param {
            GenericParam::Type(param) => param.bounds.to_token_stream(),
            GenericParam::Const(param) => param.ty.to_token_stream(),
            GenericParam::Lifetime(_) => TokenStream::new(),
        });
        let others = generics.where_clause.to_token_stream();
        bounds
            .chain([ty.to_token_stream(), others])
            .any(|tokens| contains(tokens, ident))
    };
    let all = generics.clone();
    let params = std::mem::take(&mut generics.params);
    for param in params {
        let (GenericParam::Type(TypeParam { ident, .. })
        | GenericParam::Const(ConstParam { ident, .. })) = &param
        else {
            generics.params.push(param);
            continue;
        };
        if mentioned(ident, &all) {
            generics.params.push(param);
        } else {
            cx.error(
                ident,
                format_args!("nothing uses the parameter `{ident}`"),
                format_args!("remove `{ident}`, or make it an argument of the type behind `for`"),
            );
        }
    }
}

fn contains(tokens: TokenStream, ident: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(other) => other == *ident,
        TokenTree::Group(group) => contains(group.stream(), ident),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
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
        _ => Ok(()),
    }
}
