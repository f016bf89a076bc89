//! Structs whose last field may be unsized. Their offsets are only known from a value or from a pointer with its
//! metadata, and a place for them is a pointer to bytes that has to be given the source's metadata.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{GenericArgument, PathArguments, Type};

use super::{Body, Target, field, whole};
use crate::ast::{Data, Field, Input};
use crate::bound::Params;

/// The fields before the tail and the tail, if there is one.
pub(super) fn split<'f, 'a>(
    input: &Input<'_>,
    fields: &'f [Field<'a>],
) -> Option<(&'f [Field<'a>], &'f Field<'a>)> {
    let (tail, sized) = fields.split_last()?;
    (tail.attr.is_deep() && may_be_unsized(tail.ty, &Params::of(input.generics)))
        .then_some((sized, tail))
}

/// Whether a type is a struct with such a tail.
pub(super) fn may_be_in(input: &Input<'_>) -> bool {
    matches!(&input.data, Data::Struct(fields) if split(input, fields).is_some())
}

/// Whether a type looks as if values of it had no size. A wrong yes costs some speed, a wrong no does not compile.
fn may_be_unsized(ty: &Type, params: &Params) -> bool {
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Group(ty) => may_be_unsized(&ty.elem, params),
        Type::Paren(ty) => may_be_unsized(&ty.elem, params),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            if let Some(name) = path.path.get_ident() {
                return params.is_unsized(name) || UNSIZED.iter().any(|known| name == known);
            }
            if POINTERS.iter().any(|known| last.ident == known) {
                return false;
            }
            if last.arguments.is_none() {
                return UNSIZED.iter().any(|known| last.ident == known);
            }
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return false;
            };
            arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Type(ty) if may_be_unsized(ty, params)))
        }
        _ => false,
    }
}

/// Types without a size that have a name of their own.
const UNSIZED: [&str; 5] = ["str", "CStr", "OsStr", "Path", "ByteStr"];

/// Types that have a size even if their argument has none.
const POINTERS: [&str; 8] = [
    "Arc",
    "Box",
    "Cow",
    "NonNull",
    "PhantomData",
    "Pin",
    "Rc",
    "Weak",
];

pub(super) fn body(target: &Target<'_>, sized: &[Field<'_>], tail: &Field<'_>) -> Body {
    let library = &target.library;
    let private = &library.private;
    let span = Span::mixed_site();
    let u8 = quote_spanned!(span=> #private::core::primitive::u8);
    let steps = sized.iter().enumerate().map(|(index, field)| {
        let member = &field.member;
        let source = quote_spanned!(field.span()=> &self.#member);
        let dst = quote_spanned!(span=> &raw mut (*at).#member as *mut #u8);
        whole::step(library, index, &field::place(library, field, &source, &dst))
    });
    let tail_member = &tail.member;
    let tail_ty = tail.ty;
    let tail_source = quote_spanned!(tail.span()=> &self.#tail_member);
    let tail_dst = quote_spanned!(span=> &raw mut (*at).#tail_member as *mut #u8);
    let tail_place = field::place(library, tail, &tail_source, &tail_dst);
    let tail_demand = field::demand(library, tail);
    let tail_step = whole::step(library, sized.len(), &tail_place);
    let descriptors = sized.iter().map(|field| {
        let member = &field.member;
        let offset = quote_spanned!(span=> #private::offset_of_ref(self, &self.#member));
        field::descriptor(library, field, &offset)
    });
    let nameplate = field::nameplate(library, tail);
    let members = sized.iter().chain([tail]).map(|field| &field.member);
    let place = quote_spanned! {span=>
        let Self { #(#members: _),* } = self;
        let at = unsafe { #private::with_address(self, dst) };
        let failed = 'failed: {
            #(#steps)*
            #tail_step
            return #private::Ok(());
        };
        let fields = [#(#descriptors,)* #nameplate];
        unsafe { #private::undo(engine, dst, &fields, failed, #private::None) }
    };
    let swept = sized.iter().map(|field| {
        let member = &field.member;
        let offset = quote_spanned! {span=>
            unsafe { &raw const (*whole).#member as *const #u8 }.addr() - at.addr()
        };
        field::descriptor(library, field, &offset)
    });
    let sweep_sized = (!sized.is_empty()).then(|| {
        quote_spanned! {span=>
            let fields = [#(#swept),*];
            unsafe { sweep.fields(at, &fields) };
        }
    });
    let (sweeper, sweep) = whole::sweep_function(
        library,
        &quote_spanned! {span=>
            let whole = unsafe { #private::from_parts::<Self>(at, meta) };
            #sweep_sized
            #tail_demand
            unsafe { sweep.tail::<#tail_ty>(&raw mut (*whole).#tail_member) }
        },
    );
    let functions = sized
        .iter()
        .filter_map(|field| field::function(library, field));
    Body {
        methods: whole::methods(library, &place, &sweeper, &TokenStream::new()),
        functions: quote!(#sweep #(#functions)*),
    }
}
