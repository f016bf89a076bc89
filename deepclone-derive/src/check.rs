//! What single attributes can't know: mistakes that show only when the type is seen as a whole.

use crate::ast::{Data, Field, Input};
use crate::attr::{FieldCopy, TypeCopy};
use crate::ctxt::Ctxt;

pub(crate) fn check(cx: &Ctxt, input: &Input<'_>) {
    no_union(cx, input);
    let field_wise = matches!(input.attr.copy, TypeCopy::Fields);
    if let (Data::Union(_, fields), false) = (&input.data, field_wise) {
        for field in fields {
            no_field_attributes(cx, input, field);
        }
    }
    for field in input.fields() {
        if !field_wise {
            no_field_attributes(cx, input, field);
        } else if input.packed {
            no_packed_attributes(cx, field);
        }
        serde_is_there(cx, field);
    }
}

fn no_union(cx: &Ctxt, input: &Input<'_>) {
    if let (Data::Union(token, _), TypeCopy::Fields) = (&input.data, &input.attr.copy) {
        let name = input.ident;
        let help = format!(
            "which field of a union is in use is not known to a derive: write the copy yourself, with \
             `impl_deep_clone! {{ impl for {name} = {name}::copy }}` or `#[deepclone(try_with = {name}::copy)]`\n\
             if the union is `Copy`, `#[deepclone(clone)]` on the type is enough"
        );
        cx.error(
            quote::quote!(#token #name),
            format_args!("`DeepClone` can't be derived for the union `{name}`"),
            help,
        );
    }
}

/// A type-level `clone` or `with` makes the whole copy: what is written on a field would have no effect.
fn no_field_attributes(cx: &Ctxt, input: &Input<'_>, field: &Field<'_>) {
    let Some(by) = input.attr.copy_word else {
        return;
    };
    for item in &field.attr.written {
        let word = item.word;
        cx.error(
            item,
            format_args!("`{word}` on a field of a type that is copied whole, by `{by}`"),
            format_args!("remove `{word}` here, or remove `{by}` from the type to have it copied field by field"),
        );
    }
}

/// A packed struct is copied as bytes.
fn no_packed_attributes(cx: &Ctxt, field: &Field<'_>) {
    for item in &field.attr.written {
        let word = item.word;
        cx.error(
            item,
            format_args!("`{word}` on a field of a packed struct"),
            "the fields of a packed struct are `Copy` and are copied as bytes: remove the attribute, or copy the struct \
             whole, with `#[deepclone(clone)]` or `#[deepclone(with = path)]` on the type",
        );
    }
}

fn serde_is_there(cx: &Ctxt, field: &Field<'_>) {
    if cfg!(feature = "serde") || !matches!(field.attr.copy, FieldCopy::Serde) {
        return;
    }
    for item in field
        .attr
        .written
        .iter()
        .filter(|item| item.word == crate::symbol::Word::Serde)
    {
        cx.error(
            item,
            "`serde` needs the feature `serde` of the crate `deepclone`",
            "enable it in `Cargo.toml`: `deepclone = { version = \"…\", features = [\"serde\"] }`",
        );
    }
}
