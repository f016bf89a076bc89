//! The macros of the crate `deepclone`. They are re-exported there; use them from there.
//!
//! One expansion goes through the modules from left to right: `attr` reads attributes into typed slots, `ast` joins them
//! with the shape of the type, `check` looks for mistakes that show only in the whole, `bound` infers the where-clause,
//! `expand` writes the impl. `ctxt` collects mistakes on the way, so that one compile reports them all; beside errors
//! stands an impl that can't be run, so that no second error says that there is none.
//!
//! # What the user wrote
//!
//! The impl consists of unsafe functions, and what the user wrote must never be part of one: a `return` would leave it
//! half-way, and the path of an `unsafe fn` could be called. So an expression or a path is emitted once, in a safe
//! function of its own whose signature pins every type, in an impl beside the unsafe one. Generics are parsed as generics
//! and predicates as predicates, so that none of them can close the impl and open another. Local names of generated code
//! can't be seen by user tokens, nor the other way round. Types of fields do occur inside unsafe blocks: the constant
//! expressions that a type can hold do not inherit the unsafety around it.

mod ast;
mod attr;
mod bound;
mod by_hand;
mod check;
mod container;
mod ctxt;
mod expand;
#[cfg(test)]
mod golden;
mod symbol;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Derives `DeepClone` for structs and enums.
///
/// Without an attribute every field is copied by its own `DeepClone`, in the order of declaration; a field that is a
/// function pointer is copied as it is.
///
/// ```
/// use deepclone::DeepClone;
/// use std::rc::Rc;
///
/// #[derive(DeepClone)]
/// struct Scene {
///     name: String,
///     meshes: Vec<Rc<str>>,
///     #[deepclone(default)]
///     cache: Option<u64>,
/// }
///
/// let mesh: Rc<str> = Rc::from("teapot");
/// let scene = Scene { name: "kitchen".into(), meshes: vec![mesh.clone(), mesh], cache: Some(1) };
/// let copy = scene.deep_clone();
/// assert_eq!(copy.name, "kitchen");
/// assert!(Rc::ptr_eq(&copy.meshes[0], &copy.meshes[1]));
/// assert!(!Rc::ptr_eq(&copy.meshes[0], &scene.meshes[0]));
/// assert_eq!(copy.cache, None);
/// ```
///
/// # Shapes
///
/// Structs with named fields, tuple structs, unit structs; enums, empty ones too; lifetimes, type parameters with defaults,
/// constant parameters; `?Sized` parameters and a last field without a size, which is known by how it is written: `[T]`,
/// `str`, `dyn Trait`, a `?Sized` parameter, or a generic type with one of these as its argument. A `#[repr(packed)]` struct is copied as
/// bytes, so its fields have to be `Copy`, and take no attributes. A union is refused, unless it is copied whole.
///
/// # Bounds
///
/// The impl has the type's own bounds and where-clause, and adds `T: DeepClone` for every type parameter that a
/// field without an attribute uses, but not for one that only occurs behind `PhantomData`, a reference, a raw pointer,
/// a function pointer or in a trait object. For an associated type such as `T::Item` it adds `T::Item: DeepClone`
/// instead. It never adds a bound on a field's whole type, so recursive types work; where an associated type leads back to
/// the type itself, declare the bound in the trait, `type Link: DeepClone`, and write `bound = ""`. What keyed
/// containers ask besides is added too: `K: Eq + Hash` for the keys of a `HashMap` or `HashSet`, `S: BuildHasher + Clone` for
/// their hashers, which are cloned, `K: Ord` for `BTreeMap`, `BTreeSet` and `BinaryHeap`, as far as these name a parameter.
///
/// # Attributes of a field
///
/// Written as `#[deepclone(…)]`, more than one word separated by commas. `clone`, `default`, `with`, `try_with` and
/// `serde` exclude each other.
///
/// ### `clone`
///
/// Position: field. Effect: the copy gets `Clone::clone(&self.field)`. On an `Rc` or `Arc` that shares the allocation, on
/// a `Weak` it keeps pointing to where it did. Bounds: if the field's type mentions a type parameter, `FieldType: Clone`,
/// nothing else. Expands to: a call of `Clone::clone` for the field's type.
///
/// ### `default`, `default = expression`
///
/// Position: field. Effect: the copy gets `Default::default()`, or the value of the expression, which is evaluated for
/// each copy and can't see the source. Bounds: `FieldType: Default` if there is no expression and the field's type
/// mentions a type parameter; none with an expression. Expands to: a function pointer `fn() -> FieldType`, made of
/// `|| expression`, where `Self` and the parameters of the type can be used.
///
/// ### `with = path`
///
/// Position: field. Effect: the copy gets `path(&self.field)`. Bounds: none. Expands to: a
/// function pointer `fn(&FieldType) -> FieldType`, made of `|source| path(source)`.
///
/// ### `try_with = path`
///
/// Position: field. Effect: the copy gets the value of `path(&self.field, cloner)`, where `cloner` is a
/// `&mut Cloner<'_>`; an error ends the operation. The function returns `Result<FieldType, E>` with any `E: Into<Error>`.
/// Bounds: none. Expands to: a function pointer `fn(&FieldType, &mut Cloner<'_>) -> Result<FieldType, Error>`, made of a
/// closure that calls `path` and converts its error.
///
/// ### `serde`
///
/// Position: field. Needs the feature `serde`. Effect: the copy is made by `deepclone_serde::copy`, which writes the field
/// to memory and reads it back. Bounds: none; write `bound = "T: …"` if the field's type mentions a parameter. Expands to:
/// one call for the field's type.
///
/// ### `bound = "…"`
///
/// Position: field. Effect: none on the copy. Bounds: the predicates in the string take the place of what would be
/// inferred from this field, whatever word it stands beside. Expands to: predicates of the impl.
///
/// # Attributes of a type
///
/// `clone`, `with` and `try_with` exclude each other, and with one of them the fields take no attributes.
///
/// ### `clone`
///
/// Position: type. Effect: the whole value is copied by its `Clone`. Bounds: if the type has type parameters, `Type<…>:
/// Clone`, nothing else. Expands to: a call of `Clone::clone` for the type.
///
/// ### `with = path`, `try_with = path`
///
/// Position: type. Effect: a copy written by hand, the same as with `impl_deep_clone!`: the function is a `fn(&Type, &mut
/// Cloner<'_>) -> Result<Type, E>` with any `E: Into<Error>`. Both words mean the same on a type. Bounds: as if the fields
/// were copied by their own `DeepClone`. Expands to: `fn(source: &Self, cloner: &mut Cloner<'_>) -> Result<Self, Error>`,
/// which calls `path` and converts its error.
///
/// ### `bound = "…"`
///
/// Position: type. Effect: none on the copy. Bounds: the predicates in the string take the place of all inferred ones,
/// and are added to the type's own where-clause and to those in the `bound` of fields. `bound = ""` infers nothing.
/// Expands to: predicates of the impl.
///
/// ### `crate = path`
///
/// Position: type. Effect: the crate is found at `path` instead of `::deepclone`, for a renamed dependency or a
/// re-export. What stands there has to be this crate: the impl calls hidden unsafe functions in it. Bounds: none. Expands
/// to: the first segments of every path in the impl.
///
/// # What it expands to
///
/// One `unsafe impl DeepClone`, whose methods write the copies of the fields to their places and know how to take a
/// half-written copy apart; an impl with one private function for each path or expression that was written in an
/// attribute; and, for a type without parameters that may turn out to be `Copy`, a second small impl by which it may be
/// the content of a `Cell`. It compiles under `#![forbid(unsafe_code)]` and `#![no_implicit_prelude]`, and in
/// `macro_rules!`.
#[proc_macro_derive(DeepClone, attributes(deepclone))]
pub fn derive_deep_clone(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand::derive(&input).into()
}

/// What `deepclone::impl_deep_clone!` expands to, behind the path of its crate in parentheses.
#[doc(hidden)]
#[proc_macro]
pub fn impl_deep_clone_in(input: TokenStream) -> TokenStream {
    expand::impl_deep_clone(input.into()).into()
}
