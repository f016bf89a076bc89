//! `#[repr(packed)]` structs: no reference to a field may be formed, so the fields are `Copy` and the struct is
//! copied as bytes.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::{Body, Target, whole};
use crate::ast::Field;

pub(super) fn body(target: &Target<'_>, fields: &[Field<'_>]) -> Body {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site();
    let asserts = fields.iter().map(|field| {
        let ty = field.ty;
        quote_spanned!(field.span()=> field_of_packed::<#ty>();)
    });
    let members = fields.iter().map(|field| &field.member);
    let place = quote_spanned! {span=>
        fn field_of_packed<F: #private::core::marker::Copy + #private::DeepClone>() {}
        let Self { #(#members: _),* } = self;
        #(#asserts)*
        unsafe { #private::place_bytes(self, dst) };
        #private::Ok(())
    };
    Body {
        methods: whole::methods(
            library,
            &place,
            &whole::nothing_to_sweep(),
            &TokenStream::new(),
        ),
        functions: TokenStream::new(),
    }
}
