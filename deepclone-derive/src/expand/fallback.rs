//! An impl that can't be run, for a type whose attributes are wrong: it keeps the compiler from adding "`DeepClone` is
//! not implemented" wherever the type is used.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Generics;

use super::{Library, whole};
use crate::ast::Input;

pub(super) fn of_type(input: &Input<'_>) -> TokenStream {
    let name = input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    of(
        &Library::at(input.attr.krate.as_ref()),
        input.generics,
        &quote!(#name #arguments),
    )
}

pub(super) fn of(library: &Library, generics: &Generics, ty: &impl ToTokens) -> TokenStream {
    let private = &library.private;
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let never = quote_spanned!(Span::mixed_site()=> loop {});
    let methods = whole::methods(library, &never, &never, &quote!());
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        unsafe impl #impl_generics #private::DeepClone for #ty #where_clause {
            #methods
        }
    }
}
