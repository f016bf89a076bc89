//! What keyed containers ask of their arguments besides `DeepClone`. They are known by name, as a macro sees nothing
//! else: a type of the user's that is called `HashMap` is taken for one, and `bound` sets that right.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

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
}

impl Role {
    /// The argument is copied by its own `DeepClone`.
    pub(crate) fn is_deep(self) -> bool {
        self != Self::Hasher
    }

    /// What is asked besides, if anything. `private` is the path of the hidden module of `deepclone`.
    pub(crate) fn bounds(self, private: &TokenStream) -> Option<TokenStream> {
        match self {
            Self::Value => None,
            Self::HashedKey => Some(quote!(#private::core::cmp::Eq + #private::core::hash::Hash)),
            Self::OrderedKey => Some(quote!(#private::core::cmp::Ord)),
            Self::Hasher => {
                Some(quote!(#private::core::hash::BuildHasher + #private::core::clone::Clone))
            }
        }
    }
}

/// The role of the type argument at `index` of a type called `name`.
pub(crate) fn role(name: &Ident, index: usize) -> Role {
    let roles: &[Role] = match name.to_string().as_str() {
        "HashMap" | "IndexMap" | "DashMap" => &[Role::HashedKey, Role::Value, Role::Hasher],
        "HashSet" | "IndexSet" | "DashSet" => &[Role::HashedKey, Role::Hasher],
        "BTreeMap" | "BTreeSet" | "BinaryHeap" => &[Role::OrderedKey],
        _ => &[],
    };
    roles.get(index).copied().unwrap_or(Role::Value)
}
