//! The macros of the crate `deepclone`. They are re-exported there; use them from there.

mod ast;
mod attr;
mod bound;
mod by_hand;
mod check;
mod ctxt;
mod expand;
mod symbol;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Derives `DeepClone`.
#[proc_macro_derive(DeepClone, attributes(deepclone))]
pub fn derive_deep_clone(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}

/// What `deepclone::impl_deep_clone!` expands to, behind the path of its crate.
#[doc(hidden)]
#[proc_macro]
pub fn impl_deep_clone_in(input: TokenStream) -> TokenStream {
    expand::impl_deep_clone(input.into()).into()
}
