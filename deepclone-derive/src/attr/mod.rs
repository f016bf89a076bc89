//! What `#[deepclone(…)]` says, as types. Mistakes go to the [`Ctxt`](crate::ctxt::Ctxt); what is left is usable.

mod field;
mod item;
mod slot;
mod ty;

pub(crate) use field::{FieldAttr, FieldCopy};
pub(crate) use item::{Item, items};
pub(crate) use ty::{TypeAttr, TypeCopy};

use syn::Attribute;

use crate::ctxt::Ctxt;
use crate::symbol::{Position, legal_words};

/// A variant has no attribute: each one says where it belongs.
pub(crate) fn refuse_on_variant(cx: &Ctxt, attrs: &[Attribute]) {
    for item in items(cx, attrs, Position::Variant) {
        let word = item.word;
        let belongs = match (
            word.legal_on(Position::Type),
            word.legal_on(Position::Field),
        ) {
            (true, true) => "the type or on a field of this variant",
            (true, false) => "the type",
            _ => "a field of this variant",
        };
        cx.error(
            &item,
            format_args!("`{word}` on a variant"),
            format_args!("`{word}` belongs on {belongs}"),
        );
    }
}

/// A word at a place where another would be legal.
fn misplaced(cx: &Ctxt, item: &Item, position: Position) {
    let word = item.word;
    let belongs = if word.legal_on(Position::Type) {
        "the type"
    } else {
        "a field"
    };
    cx.error(
        item,
        format_args!("`{word}` on {position}"),
        format_args!("`{word}` belongs on {belongs}\n{}", legal_words(position)),
    );
}
