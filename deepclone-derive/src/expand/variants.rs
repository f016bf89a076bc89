//! Enums: the discriminant is written first, then the fields of the variant, each at the offset that it has in the
//! source. Layouts of variants can't be asked for in a constant, a value's can.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Body, Target, facts, field, whole};
use crate::ast::{Field, Variant};

pub(super) fn body(target: &Target<'_>, variants: &[Variant<'_>]) -> Body {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site();
    let fieldless = variants.iter().all(|variant| variant.fields.is_empty());
    let place = if variants.is_empty() {
        quote_spanned!(span=> match *self {})
    } else if fieldless {
        quote_spanned!(span=> unsafe { #private::place_bytes(self, dst) }; #private::Ok(()))
    } else {
        let shortcut = facts::shortcut(target);
        let arms = variants.iter().map(|variant| place_arm(target, variant));
        quote_spanned! {span=>
            #shortcut
            match self {
                #(#arms)*
            }
        }
    };
    let (sweeper, sweep) = if fieldless {
        (whole::nothing_to_sweep(), TokenStream::new())
    } else {
        let arms = variants.iter().map(|variant| sweep_arm(target, variant));
        whole::sweep_function(
            library,
            &quote_spanned! {span=>
                let value = unsafe { &*(at as *const Self) };
                match value {
                    #(#arms)*
                }
            },
        )
    };
    let fields = variants.iter().flat_map(|variant| &variant.fields);
    let functions = fields.filter_map(|field| field::function(library, field));
    Body {
        methods: whole::methods(library, &place, &sweeper, &facts::methods(target)),
        functions: quote!(#sweep #(#functions)*),
    }
}

fn place_arm(target: &Target<'_>, variant: &Variant<'_>) -> TokenStream {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site();
    let name = variant.ident;
    let pattern = pattern(target, variant);
    let racy = facts::racy(target);
    let bindings: Vec<Ident> = variant.fields.iter().map(binding).collect();
    let start = quote_spanned! {span=>
        unsafe { #private::start_variant(self, dst, #racy, [#(#private::span(self, #bindings)),*]) };
    };
    if variant.fields.is_empty() {
        return quote_spanned!(span=> #pattern => { #start #private::Ok(()) });
    }
    let steps = variant.fields.iter().enumerate().map(|(index, field)| {
        let binding = binding(field);
        let source = quote_spanned!(field.span()=> #binding);
        let dst = quote_spanned!(span=> dst.add(#private::offset_of_ref(self, #binding)));
        whole::step(library, index, &field::place(library, field, &source, &dst))
    });
    let table = table(target, variant, &quote_spanned!(span=> self));
    let label = name.unraw().to_string();
    quote_spanned! {span=>
        #pattern => {
            #start
            let failed = 'failed: {
                #(#steps)*
                return #private::Ok(());
            };
            let fields = #table;
            unsafe { #private::undo(engine, dst, &fields, failed, #private::Some(#label)) }
        }
    }
}

fn sweep_arm(target: &Target<'_>, variant: &Variant<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let pattern = pattern(target, variant);
    if variant.fields.is_empty() {
        return quote_spanned!(span=> #pattern => {});
    }
    let table = table(target, variant, &quote_spanned!(span=> value));
    quote_spanned! {span=>
        #pattern => {
            let fields = #table;
            unsafe { sweep.variant(value, at, &fields) }
        }
    }
}

/// By the name of the type: `Self::V` could also be an associated type of some trait.
fn pattern(target: &Target<'_>, variant: &Variant<'_>) -> TokenStream {
    let ty = target.input.ident;
    let name = variant.ident;
    let members = variant.fields.iter().map(|field| &field.member);
    let bindings = variant.fields.iter().map(binding);
    quote_spanned!(Span::mixed_site()=> #ty::#name { #(#members: #bindings),* })
}

/// The descriptors of a variant's fields, from the references that `pattern` binds in `value`.
fn table(target: &Target<'_>, variant: &Variant<'_>, value: &TokenStream) -> TokenStream {
    let library = &target.library;
    let private = &library.private;
    let descriptors = variant.fields.iter().map(|field| {
        let binding = binding(field);
        let offset = quote_spanned!(Span::mixed_site()=> #private::offset_of_ref(#value, #binding));
        field::descriptor(library, field, &offset)
    });
    quote_spanned!(Span::mixed_site()=> [#(#descriptors),*])
}

fn binding(field: &Field<'_>) -> Ident {
    format_ident!("field_{}", field.number, span = Span::mixed_site())
}
