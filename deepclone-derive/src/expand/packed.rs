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
    let demands = fields.iter().map(|field| {
        let ty = field.ty;
        let demand = field::demand(library, field);
        quote_spanned!(field.span()=> #demand field_of_packed::<#ty>();)
    });
    let members = fields.iter().map(|field| &field.member);
    let place = quote_spanned! {span=>
        #[diagnostic::on_unimplemented(
            message = "`{Self}` in a packed struct is not `Copy`",
            label = "this field is not `Copy`",
            note = "a packed struct is copied as bytes: take `packed` off, or copy the struct whole, \
                    with `#[deepclone(with = path)]` on the type"
        )]
        trait FieldOfPacked {}
        #[diagnostic::do_not_recommend]
        impl<F: #private::core::marker::Copy> FieldOfPacked for F {}
        fn field_of_packed<F: FieldOfPacked>() {}
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
