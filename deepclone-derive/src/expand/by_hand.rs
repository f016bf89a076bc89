//! `impl_deep_clone!`, and the impl that it shares with a type-level `with`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::{Library, fallback, whole};
use crate::by_hand::ByHand;

/// The impl that `impl_deep_clone!` stands for.
pub(crate) fn impl_deep_clone(input: TokenStream) -> TokenStream {
    let (input, errors) = ByHand::parse(input);
    let Some(input) = input else { return errors };
    let library = Library::at(Some(&input.krate));
    let Some(copy) = &input.copy else {
        let fallback = fallback::of(&library, &input.generics, &input.ty);
        return quote!(#errors #fallback);
    };
    let private = &library.private;
    let ty = &input.ty;
    let (impl_generics, _, where_clause) = input.generics.split_for_impl();
    let methods = methods(&library);
    let function = function(&library, copy);
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        unsafe impl #impl_generics #private::DeepClone for #ty #where_clause {
            #methods
        }
        #[automatically_derived]
        impl #impl_generics #ty #where_clause {
            #function
        }
    }
}

pub(super) fn methods(library: &Library) -> TokenStream {
    let private = &library.private;
    let span = Span::mixed_site();
    let place = quote_spanned! {span=>
        unsafe { #private::place_by_hand(self, dst, engine, Self::__deepclone_by_hand) }
    };
    let sweeper = quote_spanned!(span=> #private::finished_sweeper::<Self>());
    let by_hand = quote_spanned! {span=>
        fn __by_hand(&self) -> #private::Option<#private::ByHand> {
            #private::Some(#private::ByHand::of::<Self>())
        }
    };
    whole::methods(library, &place, &sweeper, &by_hand)
}

/// The safe function that holds what the user wrote, once.
///
/// A closure gets its types from a function pointer: its parameters and its error, which is `Error`, need no
/// annotation then. Anything else may fail with whatever turns into an `Error`.
pub(super) fn function(library: &Library, copy: &Expr) -> TokenStream {
    let private = &library.private;
    let body = if is_closure(copy) {
        quote_spanned! {Span::mixed_site()=>
            let copy: fn(&Self, &mut #private::Cloner<'_>) -> #private::Result<Self, #private::Error> = #copy;
            copy(source, cloner)
        }
    } else {
        call(library, copy)
    };
    quote_spanned! {Span::mixed_site()=>
        #[doc(hidden)]
        fn __deepclone_by_hand(
            source: &Self,
            cloner: &mut #private::Cloner<'_>,
        ) -> #private::Result<Self, #private::Error> {
            #body
        }
    }
}

/// A call of what the user wrote, which is underlined if its type is not the right one.
pub(super) fn call(library: &Library, copy: &(impl ToTokens + Spanned)) -> TokenStream {
    let private = library.private_at(copy.span());
    let span = Span::mixed_site().located_at(copy.span());
    quote_spanned!(span=> #private::call_by_hand(#copy, source, cloner))
}

fn is_closure(expr: &Expr) -> bool {
    match expr {
        Expr::Closure(_) => true,
        Expr::Group(group) => is_closure(&group.expr),
        Expr::Paren(paren) => is_closure(&paren.expr),
        _ => false,
    }
}
