//! One field: the call that places its copy, the function that holds the user's tokens, and the descriptor by which
//! the library takes it apart.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use super::{Library, by_hand};
use crate::ast::Field;
use crate::attr::FieldCopy;

/// The call that writes the copy of a field. `source` is a reference to the field, `dst` the pointer to its place.
///
/// What it needs of the field's type is asked at that type, so that a field that can't be copied is the one that is
/// underlined.
pub(super) fn place(
    library: &Library,
    field: &Field<'_>,
    source: &TokenStream,
    dst: &TokenStream,
) -> TokenStream {
    let private = &library.private;
    let ty = field.ty;
    let span = field.span();
    match &field.attr.copy {
        FieldCopy::Deep => {
            quote_spanned!(span=> unsafe { <#ty as #private::DeepClone>::__place(#source, #dst, engine) })
        }
        FieldCopy::Bytes(inner) => {
            // Another type of that name is an error.
            let ty = match inner {
                Some(inner) => quote_spanned!(span=> #private::core::option::Option<#inner>),
                None => ty.to_token_stream(),
            };
            quote_spanned! {span=>
                {
                    unsafe { #private::place_copy::<#ty>(#source, #dst) };
                    #private::Placed::Ok(())
                }
            }
        }
        FieldCopy::Clone => {
            quote_spanned!(span=> unsafe { #private::place_clone::<#ty>(#source, #dst, engine) })
        }
        FieldCopy::Default(None) => quote_spanned! {span=>
            unsafe {
                #private::place_default::<#ty>(#dst, engine, <#ty as #private::core::default::Default>::default)
            }
        },
        FieldCopy::Default(Some(_)) => {
            let function = function_name(field);
            quote_spanned!(span=> unsafe { #private::place_default::<#ty>(#dst, engine, Self::#function()) })
        }
        FieldCopy::With(_) => {
            let function = function_name(field);
            quote_spanned!(span=> unsafe { #private::place_with::<#ty>(#source, #dst, engine, Self::#function()) })
        }
        FieldCopy::TryWith(_) => {
            let function = function_name(field);
            quote_spanned!(span=> unsafe { #private::place_try_with::<#ty>(#source, #dst, engine, Self::#function()) })
        }
        FieldCopy::Serde => {
            quote_spanned!(span=> unsafe { #private::place_serde::<#ty>(#source, #dst, engine) })
        }
    }
}

/// What the library has to know of a placed field to take it apart. `offset` is an expression.
pub(super) fn descriptor(
    library: &Library,
    field: &Field<'_>,
    offset: &TokenStream,
) -> TokenStream {
    let private = &library.private;
    let ty = field.ty;
    let name = field.name();
    let span = field.span();
    if field.attr.is_deep() {
        let demand = demand(library, field);
        quote_spanned!(span=> { #demand #private::deep_field::<#ty>(#offset, #name) })
    } else {
        quote_spanned!(span=> #private::finished_field::<#ty>(#offset, #name))
    }
}

/// Asks that a field is clonable in the same words wherever it is asked, so that the compiler says it once.
pub(super) fn demand(library: &Library, field: &Field<'_>) -> TokenStream {
    let private = &library.private;
    let ty = field.ty;
    quote_spanned!(field.span()=> let _ = <#ty as #private::DeepClone>::__sweeper;)
}

/// The name that the path of an error shows for a field whose descriptor is never used to take it apart.
pub(super) fn nameplate(library: &Library, field: &Field<'_>) -> TokenStream {
    let private = &library.private;
    let name = field.name();
    quote_spanned!(Span::mixed_site()=> #private::finished_field::<()>(0, #name))
}

/// The offset of a field of a struct, as a constant.
pub(super) fn offset(library: &Library, field: &Field<'_>) -> TokenStream {
    let private = &library.private;
    let member = &field.member;
    quote_spanned!(Span::mixed_site()=> #private::core::mem::offset_of!(Self, #member))
}

/// The safe function that holds what the user wrote for a field, and gives it as a function pointer, whose signature pins
/// every type. None of its local names can be seen by the user's tokens.
///
/// A pointer to a closure and not the function itself, because lints have views on the types that functions take and
/// return: `&str` instead of `&String`, no `Box`.
pub(super) fn function(library: &Library, field: &Field<'_>) -> Option<TokenStream> {
    let private = &library.private;
    let ty = field.ty;
    let name = function_name(field);
    let span = Span::mixed_site();
    let (pointer, closure) = match &field.attr.copy {
        // In parentheses, because `{ 1 } + 2` is an expression only where nothing else is expected.
        FieldCopy::Default(Some(expr)) => (
            quote_spanned!(span=> fn() -> #ty),
            quote_spanned!(span=> || (#expr)),
        ),
        FieldCopy::With(path) => {
            // A function of another type is underlined where it is named.
            let call = quote_spanned!(span.located_at(path.span())=> #path(source));
            (
                quote_spanned!(span=> fn(&#ty) -> #ty),
                quote_spanned!(span=> |source| #call),
            )
        }
        FieldCopy::TryWith(path) => {
            let call = by_hand::call(library, path);
            let result = quote_spanned!(span=> #private::Result<#ty, #private::Error>);
            (
                quote_spanned!(span=> fn(&#ty, &mut #private::Cloner<'_>) -> #result),
                quote_spanned!(span=> |source, cloner| #call),
            )
        }
        FieldCopy::Deep
        | FieldCopy::Bytes(_)
        | FieldCopy::Clone
        | FieldCopy::Default(None)
        | FieldCopy::Serde => return None,
    };
    // Where it is not needed it could be an error, under `#![forbid(clippy::pedantic)]`.
    let allow =
        is_option_of_reference(ty).then(|| quote_spanned!(span=> #[allow(clippy::ref_option_ref)]));
    Some(quote_spanned! {span=>
        #[doc(hidden)]
        #allow
        fn #name() -> #pointer {
            #closure
        }
    })
}

/// A reference to such a type is advised against.
fn is_option_of_reference(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
            matches!(
                arguments.args.first(),
                Some(GenericArgument::Type(Type::Reference(_)))
            )
        }
        _ => false,
    }
}

fn function_name(field: &Field<'_>) -> Ident {
    format_ident!(
        "__deepclone_field_{}",
        field.number,
        span = Span::mixed_site()
    )
}
