//! Structs whose size is known, and types that are copied whole by one call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ExprPath;

use super::{Body, Library, Target, by_hand, facts, field};
use crate::ast::Field;

/// A struct that is copied field by field.
///
/// There is one place that a failure leads to and no drop guard: the library catches what user code throws and
/// reports it as a failure, so nothing unwinds through this function.
pub(super) fn fields(target: &Target<'_>, fields: &[Field<'_>]) -> Body {
    let library = &target.library;
    let private = &library.private;
    let shortcut = facts::shortcut(target);
    let span = Span::mixed_site();
    let steps = fields.iter().enumerate().map(|(index, field)| {
        let member = &field.member;
        let source = quote_spanned!(field.span()=> &self.#member);
        let dst =
            quote_spanned!(span=> &raw mut (*at).#member as *mut #private::core::primitive::u8);
        step(library, index, &field::place(library, field, &source, &dst))
    });
    let members = fields.iter().map(|field| &field.member);
    let table = table(library, fields);
    let place = if fields.is_empty() {
        quote_spanned!(span=> unsafe { #private::place_bytes(self, dst) }; #private::Ok(()))
    } else {
        quote_spanned! {span=>
            #shortcut
            let Self { #(#members: _),* } = self;
            let at = dst as *mut Self;
            let failed = 'failed: {
                #(#steps)*
                return #private::Ok(());
            };
            unsafe { #private::undo(engine, dst, #table, failed, #private::None) }
        }
    };
    let (sweeper, sweep) = if fields.is_empty() {
        (nothing_to_sweep(), TokenStream::new())
    } else {
        sweep_function(
            library,
            &quote_spanned! {span=>
                let fields = #table;
                unsafe { sweep.fields(at, fields) }
            },
        )
    };
    let facts = facts::methods(target);
    let functions = fields
        .iter()
        .filter_map(|field| field::function(library, field));
    Body {
        methods: methods(library, &place, &sweeper, &facts),
        functions: quote!(#sweep #(#functions)*),
    }
}

/// One field's call, and where a failure of it leads.
pub(super) fn step(library: &Library, index: usize, place: &TokenStream) -> TokenStream {
    let private = &library.private;
    let index = proc_macro2::Literal::usize_unsuffixed(index);
    quote_spanned! {Span::mixed_site()=>
        if let #private::Err(_) = #place {
            break 'failed #index;
        }
    }
}

/// The descriptors of the fields, as a constant.
fn table(library: &Library, fields: &[Field<'_>]) -> TokenStream {
    let descriptors = fields.iter().map(|field| {
        let offset = field::offset(library, field);
        field::descriptor(library, field, &offset)
    });
    quote_spanned!(Span::mixed_site()=> const { &[#(#descriptors),*] })
}

/// The expression for `__sweeper` and the function behind it, which runs `code` with `at`, `meta` and `sweep`.
///
/// A closure would do, but as a function pointer it costs a shim of forty lines of LLVM code for each type.
pub(super) fn sweep_function(library: &Library, code: &TokenStream) -> (TokenStream, TokenStream) {
    let private = &library.private;
    let function = quote_spanned! {Span::mixed_site()=>
        #[doc(hidden)]
        unsafe fn __deepclone_sweep(
            at: *mut #private::core::primitive::u8,
            meta: #private::Meta,
            sweep: &mut #private::Sweep<'_, '_>,
        ) {
            let _ = meta;
            #code
        }
    };
    (
        quote_spanned!(Span::mixed_site()=> Self::__deepclone_sweep),
        function,
    )
}

pub(super) fn nothing_to_sweep() -> TokenStream {
    quote_spanned!(Span::mixed_site()=> |_, _, _| {})
}

/// The two methods that every impl has, and what else it says.
pub(super) fn methods(
    library: &Library,
    place: &TokenStream,
    sweeper: &TokenStream,
    others: &TokenStream,
) -> TokenStream {
    let private = &library.private;
    quote_spanned! {Span::mixed_site()=>
        #[inline]
        unsafe fn __place(
            &self,
            dst: *mut #private::core::primitive::u8,
            engine: &mut #private::Engine<'_>,
        ) -> #private::Placed {
            #place
        }
        fn __sweeper(&self) -> #private::Sweeper {
            #sweeper
        }
        #others
    }
}

/// A type that is copied by its `Clone`.
pub(super) fn by_clone(target: &Target<'_>, word: &Ident) -> Body {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site().located_at(word.span());
    let place = quote_spanned!(span=> unsafe { #private::place_clone::<Self>(self, dst, engine) });
    let sweeper = quote_spanned!(Span::mixed_site()=> #private::finished_sweeper::<Self>());
    Body {
        methods: methods(library, &place, &sweeper, &quote!()),
        functions: quote!(),
    }
}

/// A type that is copied by a function of the user.
pub(super) fn by_hand(target: &Target<'_>, path: &ExprPath) -> Body {
    let library = &target.library;
    let expr = syn::Expr::Path(path.clone());
    Body {
        methods: by_hand::methods(library),
        functions: by_hand::function(library, &expr),
    }
}
