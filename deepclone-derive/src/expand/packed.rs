//! `#[repr(packed)]` structs: no reference to a field may be formed, so the fields are `Copy` and the struct is
//! copied as bytes.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::{Body, Target, field, whole};
use crate::ast::Field;

pub(super) fn body(target: &Target<'_>, fields: &[Field<'_>]) -> Body {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site();
    // The name is what the error of the compiler shows. `#[diagnostic]` can't be used: it is not found without a prelude.
    let demands = fields.iter().map(|field| {
        let ty = field.ty;
        let demand = field.attr.is_deep().then(|| field::demand(library, field));
        quote_spanned!(field.span()=> #demand fields_of_packed_structs_are_copied_as_bytes_and_must_be_copy::<#ty>();)
    });
    let members = fields.iter().map(|field| &field.member);
    let place = quote_spanned! {span=>
        fn fields_of_packed_structs_are_copied_as_bytes_and_must_be_copy<F: #private::core::marker::Copy>() {}
        let Self { #(#members: _),* } = self;
        #(#demands)*
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
