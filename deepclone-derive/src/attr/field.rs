//! The attribute of a field.

use quote::ToTokens;
use syn::{Attribute, Expr, ExprPath, GenericArgument, PathArguments, Type, TypePath};

use super::slot::Slot;
use super::ty::{Predicates, predicates};
use super::{Item, items, misplaced};
use crate::ctxt::Ctxt;
use crate::symbol::{Position, Word};

/// How the field of a copy comes about.
pub(crate) enum FieldCopy {
    /// By `DeepClone`.
    Deep,
    /// As bytes. No word says so: it is how function pointers are copied, because the compiler doesn't find the impl for
    /// those that are general over a lifetime, such as `fn(&str)`.
    Bytes,
    /// By `Clone`.
    Clone,
    /// By `Default`, or from an expression.
    Default(Option<Expr>),
    /// By a function that can't fail.
    With(ExprPath),
    /// By a function that gets the cloner and may fail.
    TryWith(ExprPath),
    /// Through `serde`.
    Serde,
}

pub(crate) struct FieldAttr {
    pub(crate) copy: FieldCopy,
    /// Predicates that take the place of those inferred from this field.
    pub(crate) bound: Option<Predicates>,
    /// Every entry as written, for messages about fields that may have none.
    pub(crate) written: Vec<Item>,
}

impl FieldAttr {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute], ty: &Type) -> Self {
        let mut copy = Slot::new();
        let mut bound = Slot::new();
        let written = items(cx, attrs, Position::Field);
        for item in &written {
            let word = item.word;
            let made = match word {
                Word::Bound => {
                    bound.fill(
                        cx,
                        word,
                        item,
                        item.string(cx).and_then(|text| predicates(cx, &text)),
                    );
                    continue;
                }
                Word::Crate => {
                    misplaced(cx, item, Position::Field);
                    continue;
                }
                Word::Clone => item.bare(cx).map(|()| FieldCopy::Clone),
                Word::Default => Some(FieldCopy::Default(item.optional_expr())),
                Word::Serde => item.bare(cx).map(|()| FieldCopy::Serde),
                Word::With => item.function(cx, "`fn(&T) -> T`").map(FieldCopy::With),
                Word::TryWith => item
                    .function(cx, "`fn(&T, &mut Cloner<'_>) -> Result<T, E>`")
                    .map(FieldCopy::TryWith),
            };
            copy.fill(cx, word, item.to_token_stream(), made);
        }
        Self {
            copy: copy.take().unwrap_or_else(|| without_a_word(ty)),
            bound: bound.take(),
            written,
        }
    }

    /// The field's own `DeepClone` makes the copy.
    pub(crate) fn is_deep(&self) -> bool {
        matches!(self.copy, FieldCopy::Deep)
    }

    /// No word says how the copy is made.
    pub(crate) fn is_plainly_copied(&self) -> bool {
        matches!(self.copy, FieldCopy::Deep | FieldCopy::Bytes)
    }
}

fn without_a_word(ty: &Type) -> FieldCopy {
    match ty {
        Type::FnPtr(_) => FieldCopy::Bytes,
        Type::Group(ty) => without_a_word(&ty.elem),
        Type::Paren(ty) => without_a_word(&ty.elem),
        Type::Array(ty) => without_a_word(&ty.elem),
        Type::Tuple(ty) => all_as_bytes(&ty.elems),
        Type::Path(ty) => optional(ty).map_or(FieldCopy::Deep, without_a_word),
        _ => FieldCopy::Deep,
    }
}

/// For several types as for one that is made of them.
fn all_as_bytes<'t>(types: impl IntoIterator<Item = &'t Type>) -> FieldCopy {
    let mut types = types.into_iter().peekable();
    let all =
        types.peek().is_some() && types.all(|ty| matches!(without_a_word(ty), FieldCopy::Bytes));
    if all {
        FieldCopy::Bytes
    } else {
        FieldCopy::Deep
    }
}

/// What an `Option` may hold. Another type of that name has to be `Copy`, as this is then.
fn optional(ty: &TypePath) -> Option<&Type> {
    let last = ty.path.segments.last().filter(|_| ty.qself.is_none())?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner))
            if last.ident == "Option" && arguments.args.len() == 1 =>
        {
            Some(inner)
        }
        _ => None,
    }
}
