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
    /// those that are general over a lifetime, such as `fn(&str)`. This may be the type of what an `Option` holds.
    Bytes(Option<Type>),
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
        matches!(self.copy, FieldCopy::Deep | FieldCopy::Bytes(_))
    }
}

fn without_a_word(ty: &Type) -> FieldCopy {
    if is_of_pointers(ty) {
        return FieldCopy::Bytes(None);
    }
    match ty {
        Type::Group(ty) => without_a_word(&ty.elem),
        Type::Paren(ty) => without_a_word(&ty.elem),
        Type::Path(path) => match optional(path) {
            Some(inner) if is_of_pointers(inner) && mentions_a_lifetime(inner) => {
                FieldCopy::Bytes(Some(inner.clone()))
            }
            _ => FieldCopy::Deep,
        },
        _ => FieldCopy::Deep,
    }
}

/// Whether a type is made of function pointers, and nothing else.
fn is_of_pointers(ty: &Type) -> bool {
    match ty {
        Type::FnPtr(_) => true,
        Type::Group(ty) => is_of_pointers(&ty.elem),
        Type::Paren(ty) => is_of_pointers(&ty.elem),
        Type::Array(ty) => is_of_pointers(&ty.elem),
        Type::Tuple(ty) => !ty.elems.is_empty() && ty.elems.iter().all(is_of_pointers),
        _ => false,
    }
}

/// What something that is called `Option` holds.
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

/// Without one, the compiler finds the impl.
fn mentions_a_lifetime(ty: &Type) -> bool {
    let text = ty.to_token_stream().to_string();
    text.contains(['&', '\''])
}
