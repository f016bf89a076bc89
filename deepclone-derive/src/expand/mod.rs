//! From the checked model to the impl. What an impl looks like is decided by the shape of the type; the files here
//! are these shapes, and `field` is what they share.

mod by_hand;
mod facts;
mod fallback;
mod field;
mod packed;
mod tail;
mod variants;
mod whole;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, ImplGenerics, Path, TypeGenerics, WhereClause};

pub(crate) use by_hand::impl_deep_clone;

use crate::ast::{Data, Input};
use crate::attr::TypeCopy;
use crate::bound;
use crate::check;
use crate::ctxt::Ctxt;

/// The paths by which generated code finds the library.
pub(crate) struct Library {
    /// The module that holds every name that generated code uses.
    pub(crate) private: TokenStream,
}

impl Library {
    pub(crate) fn at(krate: Option<&Path>) -> Self {
        let private = match krate {
            Some(path) => quote!(#path::__private),
            None => quote_spanned!(Span::mixed_site()=> ::deepclone::__private),
        };
        Self { private }
    }

    /// The path of the hidden module as if it were written at `span`, for calls that are to be underlined there.
    fn private_at(&self, span: Span) -> TokenStream {
        let moved = self.private.clone().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        });
        moved.collect()
    }
}

/// An impl in the making: the type, the library, and the head of every impl for the type.
struct Target<'a> {
    input: &'a Input<'a>,
    library: Library,
    impl_generics: ImplGenerics<'a>,
    ty_generics: TypeGenerics<'a>,
    where_clause: Option<WhereClause>,
}

/// The methods of one impl, and the free-standing code that they call.
struct Body {
    methods: TokenStream,
    /// Functions in an impl of their own beside it: the sweeper, and those that hold the user's own tokens, so that
    /// nothing that the user wrote is inside an unsafe function or block.
    functions: TokenStream,
}

/// `#[derive(DeepClone)]`.
pub(crate) fn derive(node: &DeriveInput) -> TokenStream {
    let cx = Ctxt::new();
    let input = Input::parse(&cx, node);
    check::check(&cx, &input);
    if let Some(errors) = cx.finish() {
        let fallback = (!input.attr.krate_unreadable).then(|| fallback::of_type(&input));
        return quote!(#errors #fallback);
    }
    Target::new(&input).expand()
}

impl<'a> Target<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let library = Library::at(input.attr.krate.as_ref());
        let where_clause = bound::where_clause(input, &library.private);
        let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
        Self {
            input,
            library,
            impl_generics,
            ty_generics,
            where_clause,
        }
    }

    fn expand(&self) -> TokenStream {
        let body = match (&self.input.attr.copy, &self.input.data) {
            (TypeCopy::Clone(word), _) => whole::by_clone(self, word),
            (TypeCopy::ByHand(path), _) => whole::by_hand(self, path),
            (TypeCopy::Fields, Data::Struct(fields)) if self.input.packed => {
                packed::body(self, fields)
            }
            (TypeCopy::Fields, Data::Struct(fields)) => match tail::split(self.input, fields) {
                Some((sized, tail)) => tail::body(self, sized, tail),
                None => whole::fields(self, fields),
            },
            (TypeCopy::Fields, Data::Enum(variants)) => variants::body(self, variants),
            (TypeCopy::Fields, Data::Union(..)) => unreachable!("a union was reported"),
        };
        let Self {
            input,
            library: Library { private },
            impl_generics,
            ty_generics,
            where_clause,
        } = self;
        let name = input.ident;
        let Body { methods, functions } = body;
        let allow = self.allow();
        let functions = (!functions.is_empty()).then(|| {
            quote_spanned! {Span::mixed_site()=>
                #[automatically_derived]
                #allow
                impl #impl_generics #name #ty_generics #where_clause {
                    #functions
                }
            }
        });
        let facts = facts::items(self);
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            #allow
            unsafe impl #impl_generics #private::DeepClone for #name #ty_generics #where_clause {
                #methods
            }
            #functions
            #facts
        }
    }

    /// Silence for what is deprecated, if the author has asked for it. Not always: it would be an error under
    /// `#![forbid(deprecated)]`.
    fn allow(&self) -> Option<TokenStream> {
        self.input
            .deprecated
            .then(|| quote_spanned!(Span::mixed_site()=> #[allow(deprecated)]))
    }
}
