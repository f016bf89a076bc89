//! What keyed containers and `Cow` ask of their arguments besides or instead of `DeepClone`. They are known by name, as a macro sees nothing
//! else: a type of the user's that is called `HashMap` is taken for one, and `bound` sets that right.

use proc_macro2::{Ident, TokenStream};
use syn::{Type, WherePredicate, parse_quote};

/// What an argument of a container is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Copied, and nothing else.
    Value,
    /// Copied, and hashed and compared while the copy is filled.
    HashedKey,
    /// Copied, and ordered while the copy is filled.
    OrderedKey,
    /// Not copied deeply: hashers are cloned.
    Hasher,
    /// What a `Cow` may borrow: only what it owns then is copied.
    Borrowed,
}

impl Role {
    /// The argument is copied by its own `DeepClone`.
    pub(crate) fn is_deep(self) -> bool {
        !matches!(self, Self::Hasher | Self::Borrowed)
    }

    /// What is asked of an argument besides, if anything. `private` is the path of the hidden module of `deepclone`.
    pub(crate) fn predicate(self, ty: &Type, private: &TokenStream) -> Option<WherePredicate> {
        Some(match self {
            Self::Value => return None,
            Self::HashedKey => {
                parse_quote!(#ty: #private::core::cmp::Eq + #private::core::hash::Hash)
            }
            Self::OrderedKey => parse_quote!(#ty: #private::core::cmp::Ord),
            Self::Hasher => {
                parse_quote!(#ty: #private::core::hash::BuildHasher + #private::core::clone::Clone)
            }
            Self::Borrowed => {
                parse_quote!(<#ty as #private::ToOwned>::Owned: #private::DeepClone)
            }
        })
    }
}

/// The role of the type argument at `index` of a type called `name`.
pub(crate) fn role(name: &Ident, index: usize) -> Role {
    let roles: &[Role] = match name.to_string().as_str() {
        "HashMap" | "IndexMap" | "DashMap" => &[Role::HashedKey, Role::Value, Role::Hasher],
        "HashSet" | "IndexSet" | "DashSet" => &[Role::HashedKey, Role::Hasher],
        "BTreeMap" | "BTreeSet" | "BinaryHeap" => &[Role::OrderedKey],
        "Cow" => &[Role::Borrowed],
        _ => &[],
    };
    roles.get(index).copied().unwrap_or(Role::Value)
}
