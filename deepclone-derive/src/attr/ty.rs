//! The attribute of a type.

use syn::punctuated::Punctuated;
use syn::{Attribute, ExprPath, Ident, LitStr, Path, Token, WherePredicate};

use super::slot::Slot;
use super::{items, misplaced};
use crate::ctxt::Ctxt;
use crate::symbol::{Position, Word};

/// Predicates that take the place of inferred ones.
pub(crate) type Predicates = Punctuated<WherePredicate, Token![,]>;

/// How values of the type are copied.
pub(crate) enum TypeCopy {
    /// Field by field.
    Fields,
    /// By its `Clone`. The word, for spans.
    Clone(Ident),
    /// By a function of the user.
    ByHand(ExprPath),
}

pub(crate) struct TypeAttr {
    pub(crate) copy: TypeCopy,
    /// The word that chose `copy`, unless it is the default.
    pub(crate) copy_word: Option<Word>,
    pub(crate) bound: Option<Predicates>,
    /// The path at which the crate is found, if it isn't `::deepclone`.
    pub(crate) krate: Option<Path>,
    /// `crate` was written in a way that can't be read, so nothing that names the crate would compile.
    pub(crate) krate_unreadable: bool,
}

impl TypeAttr {
    pub(crate) fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut copy = Slot::new();
        let mut bound = Slot::new();
        let mut krate = Slot::new();
        let mut krate_unreadable = false;
        for item in &items(cx, attrs, Position::Type) {
            let word = item.word;
            match word {
                Word::Clone => {
                    let value = item
                        .bare(cx)
                        .map(|()| (word, TypeCopy::Clone(item.name().clone())));
                    copy.fill(cx, word, item, value);
                }
                Word::With | Word::TryWith => {
                    let function =
                        item.function(cx, "`fn(&Type, &mut Cloner<'_>) -> Result<Type, E>`");
                    copy.fill(
                        cx,
                        word,
                        item,
                        function.map(|path| (word, TypeCopy::ByHand(path))),
                    );
                }
                Word::Bound => bound.fill(
                    cx,
                    word,
                    item,
                    item.string(cx).and_then(|text| predicates(cx, &text)),
                ),
                Word::Crate => {
                    let path = item.module(cx);
                    krate_unreadable |= path.is_none();
                    krate.fill(cx, word, item, path);
                }
                Word::Default | Word::Serde => misplaced(cx, item, Position::Type),
            }
        }
        let (copy_word, copy) = copy
            .take()
            .map_or((None, TypeCopy::Fields), |(word, copy)| (Some(word), copy));
        Self {
            copy,
            copy_word,
            bound: bound.take(),
            krate: krate.take(),
            krate_unreadable,
        }
    }
}

/// The predicates in the string of `bound`.
pub(super) fn predicates(cx: &Ctxt, text: &LitStr) -> Option<Predicates> {
    match text.parse_with(Predicates::parse_terminated) {
        Ok(predicates) => Some(predicates),
        Err(error) => {
            cx.error(
                text,
                format_args!("these are no bounds: {error}"),
                "write them as in a where-clause: `bound = \"T: DeepClone, U: Clone\"`, or `bound = \"\"` for none",
            );
            None
        }
    }
}
