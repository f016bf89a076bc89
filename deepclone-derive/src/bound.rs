//! The where-clause of an impl: what was declared, and what the fields need.
//!
//! Only parameters and associated types get a predicate, never the type of a field as a whole: `Box<Node<T>>:
//! DeepClone` inside `Node<T>` sends the trait solver in circles. Predicates for other traits, such as `Clone` and
//! `Hash`, may name whole types, because the proof of such a predicate never comes back to this impl.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, GenericParam, Generics, Ident, PathArguments, PathSegment, Type, TypePath,
    WhereClause, WherePredicate, parse_quote,
};

use crate::ast::{Field, Input};
use crate::attr::{FieldCopy, TypeCopy};
use crate::container::{self, Role};

/// The where-clause of the impl for `input`. `private` is the path of the hidden module of `deepclone`.
pub(crate) fn where_clause(input: &Input<'_>, private: &TokenStream) -> Option<WhereClause> {
    let mut generics = without_defaults(input.generics);
    let mut predicates: Vec<WherePredicate> = Vec::new();
    let params = Params::of(input.generics);
    for field in input.fields() {
        predicates.extend(field.attr.bound.iter().flatten().cloned());
    }
    match &input.attr.bound {
        Some(bound) => predicates.extend(bound.iter().cloned()),
        None => predicates.extend(inferred(input, &params, private)),
    }
    if !predicates.is_empty() {
        generics.make_where_clause().predicates.extend(predicates);
    }
    generics.where_clause
}

fn without_defaults(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for param in &mut generics.params {
        match param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
    generics
}

fn inferred(input: &Input<'_>, params: &Params, private: &TokenStream) -> Vec<WherePredicate> {
    if params.names.is_empty() {
        return Vec::new();
    }
    let name = input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    if let TypeCopy::Clone(_) = &input.attr.copy {
        return vec![parse_quote!(#name #arguments: #private::core::clone::Clone)];
    }
    let mut uses = Uses::default();
    let mut predicates = Vec::new();
    for field in input.fields().filter(|field| field.attr.bound.is_none()) {
        match &field.attr.copy {
            FieldCopy::Deep => {
                uses.visit(field.ty, params);
                if input.packed && params.occur_in(field.ty) {
                    predicates.push(whole_field(field, &quote!(#private::core::marker::Copy)));
                }
            }
            FieldCopy::Clone if params.occur_in(field.ty) => {
                predicates.push(whole_field(field, &quote!(#private::core::clone::Clone)));
            }
            FieldCopy::Default(None) if params.occur_in(field.ty) => {
                predicates.push(whole_field(
                    field,
                    &quote!(#private::core::default::Default),
                ));
            }
            FieldCopy::Bytes(_) | FieldCopy::Clone | FieldCopy::Default(_) => {}
            FieldCopy::With(_) | FieldCopy::TryWith(_) | FieldCopy::Serde => {}
        }
    }
    let names = params
        .names
        .iter()
        .filter(|name| uses.params.contains(name))
        .map(|name| parse_quote!(#name: #private::DeepClone));
    let paths = uses
        .paths
        .iter()
        .map(|path| parse_quote!(#path: #private::DeepClone));
    let asked = uses.asked.iter();
    let asked = asked.filter_map(|(ty, role)| role.predicate(ty, private));
    names.chain(paths).chain(asked).chain(predicates).collect()
}

fn whole_field(field: &Field<'_>, bound: &TokenStream) -> WherePredicate {
    let ty = field.ty;
    parse_quote!(#ty: #bound)
}

/// The type parameters of a type.
pub(crate) struct Params {
    names: Vec<Ident>,
    unsized_names: Vec<Ident>,
}

impl Params {
    pub(crate) fn of(generics: &Generics) -> Self {
        let names = generics
            .type_params()
            .map(|param| param.ident.clone())
            .collect();
        let mut unsized_names: Vec<Ident> = generics
            .type_params()
            .filter(|param| param.bounds.iter().any(is_maybe))
            .map(|param| param.ident.clone())
            .collect();
        for predicate in generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
        {
            let WherePredicate::Type(predicate) = predicate else {
                continue;
            };
            if let (true, Type::Path(path)) =
                (predicate.bounds.iter().any(is_maybe), &predicate.bounded_ty)
            {
                unsized_names.extend(path.path.get_ident().cloned());
            }
        }
        Self {
            names,
            unsized_names,
        }
    }

    /// `name` is a parameter that was declared `?Sized`.
    pub(crate) fn is_unsized(&self, name: &Ident) -> bool {
        self.unsized_names.contains(name)
    }

    fn contains(&self, name: &Ident) -> bool {
        self.names.contains(name)
    }

    /// `ty` can be another type for other arguments.
    fn occur_in(&self, ty: &Type) -> bool {
        self.occur_in_tokens(ty.to_token_stream())
    }

    fn occur_in_tokens(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(name) => {
                self.contains(&name) || (name == "Self" && !self.names.is_empty())
            }
            TokenTree::Group(group) => self.occur_in_tokens(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
}

fn is_maybe(bound: &syn::TypeParamBound) -> bool {
    matches!(bound, syn::TypeParamBound::Trait(bound) if bound.maybe.is_some())
}

/// What the types of deep fields need to be clonable themselves.
#[derive(Default)]
struct Uses {
    params: HashSet<Ident>,
    /// Associated types.
    paths: Vec<TypePath>,
    path_texts: HashSet<String>,
    /// Arguments of which a container asks more than a deep clone.
    asked: Vec<(Type, Role)>,
    asked_texts: HashSet<String>,
}

impl Uses {
    fn visit(&mut self, ty: &Type, params: &Params) {
        match ty {
            Type::Array(ty) => self.visit(&ty.elem, params),
            Type::Group(ty) => self.visit(&ty.elem, params),
            Type::Paren(ty) => self.visit(&ty.elem, params),
            Type::Slice(ty) => self.visit(&ty.elem, params),
            Type::Tuple(ty) => ty.elems.iter().for_each(|ty| self.visit(ty, params)),
            Type::Path(path) => self.visit_path(path, params),
            Type::Macro(_) | Type::Verbatim(_) => self.visit_tokens(ty.to_token_stream(), params),
            // What these refer to is not copied: a copy borrows from the same place, calls the same function, and the
            // trait of an object answers for the value behind it.
            _ => {}
        }
    }

    fn visit_path(&mut self, path: &TypePath, params: &Params) {
        let segments = &path.path.segments;
        let first = path.path.segments.first();
        let starts_with_param = path.path.leading_colon.is_none()
            && first.is_some_and(|first| params.contains(&first.ident) || first.ident == "Self");
        if path.qself.is_some() || (starts_with_param && segments.len() > 1) {
            let text = path.to_token_stream().to_string();
            if params.occur_in_tokens(path.to_token_stream()) && self.path_texts.insert(text) {
                self.paths.push(path.clone());
            }
            return;
        }
        if starts_with_param {
            self.params.extend(
                first
                    .filter(|first| first.ident != "Self")
                    .map(|first| first.ident.clone()),
            );
            return;
        }
        if segments
            .last()
            .is_some_and(|last| last.ident == "PhantomData")
        {
            return;
        }
        for segment in segments {
            self.visit_arguments(segment, params);
        }
    }

    fn visit_arguments(&mut self, segment: &PathSegment, params: &Params) {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return;
        };
        let types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            GenericArgument::AssocType(assoc) => Some(&assoc.ty),
            _ => None,
        });
        for (index, ty) in types.enumerate() {
            let role = container::role(&segment.ident, index);
            if role.is_deep() {
                self.visit(ty, params);
            }
            let text = format!("{} {}", role as u8, ty.to_token_stream());
            if role != Role::Value && params.occur_in(ty) && self.asked_texts.insert(text) {
                self.asked.push((ty.clone(), role));
            }
        }
    }

    /// For types whose structure can't be seen: every parameter that they name.
    fn visit_tokens(&mut self, tokens: TokenStream, params: &Params) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) if params.contains(&name) => {
                    self.params.insert(name);
                }
                TokenTree::Group(group) => self.visit_tokens(group.stream(), params),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ctxt::Ctxt;

    /// The predicates of the impl for a type, as text without spaces.
    fn predicates(text: &str) -> Vec<String> {
        let node = syn::parse_str(text).unwrap();
        let cx = Ctxt::new();
        let input = Input::parse(&cx, &node);
        assert!(cx.finish().is_none(), "{text}");
        let clause = where_clause(&input, &quote!(p));
        let predicates = clause.iter().flat_map(|clause| &clause.predicates);
        predicates
            .map(|predicate| predicate.to_token_stream().to_string().replace(' ', ""))
            .collect()
    }

    #[test]
    fn a_parameter_is_bounded_if_a_deep_field_uses_it() {
        assert_eq!(
            predicates("struct S<T, U> { a: T, b: Vec<Option<U>> }"),
            ["T:p::DeepClone", "U:p::DeepClone"]
        );
        assert_eq!(
            predicates("struct S<T, U>([T; 3], (u8, [U]));"),
            ["T:p::DeepClone", "U:p::DeepClone"]
        );
        assert_eq!(
            predicates("enum S<T, U> { A(T), B { u: U } }"),
            ["T:p::DeepClone", "U:p::DeepClone"]
        );
    }

    #[test]
    fn what_is_not_copied_needs_nothing() {
        assert!(
            predicates("struct S<'a, T: ?Sized> { a: PhantomData<T>, b: &'a T, c: fn(T) -> T }")
                .is_empty()
        );
        assert!(
            predicates("struct S<T> { a: Box<dyn Shape<T>>, b: marker::PhantomData<Vec<T>> }")
                .is_empty()
        );
        assert!(predicates("struct S<const N: usize> { a: [u8; N] }").is_empty());
    }

    #[test]
    fn an_associated_type_is_bounded_itself() {
        assert_eq!(
            predicates("struct S<T: I> { a: Vec<T::Item>, b: T::Item }"),
            ["T::Item:p::DeepClone"]
        );
        assert_eq!(
            predicates("struct S<T: I>(<T as I>::Item);"),
            ["<TasI>::Item:p::DeepClone"]
        );
        assert_eq!(
            predicates("struct S<T: I>(Self::Item, <Self as J>::K);").len(),
            2
        );
        assert!(predicates("struct S<T>(PhantomData<T>, <u8 as I>::Item);").is_empty());
    }

    #[test]
    fn keyed_containers_ask_for_more() {
        let map = predicates("struct S<K, V, S> { map: HashMap<K, Vec<V>, S> }");
        let hash = "K:p::core::cmp::Eq+p::core::hash::Hash";
        let hasher = "S:p::core::hash::BuildHasher+p::core::clone::Clone";
        assert_eq!(map, ["K:p::DeepClone", "V:p::DeepClone", hash, hasher]);
        let set = predicates("struct S<T> { a: BTreeSet<(T, u8)>, b: Option<BTreeMap<u8, T>> }");
        assert_eq!(set, ["T:p::DeepClone", "(T,u8):p::core::cmp::Ord"]);
        assert!(predicates("struct S<T> { a: HashMap<u8, String>, b: PhantomData<T> }").is_empty());
    }

    #[test]
    fn a_cow_asks_only_of_what_it_may_own() {
        let cow = predicates("struct S<'a, T: ToOwned + ?Sized> { cow: Cow<'a, T> }");
        assert_eq!(cow, ["<Tasp::ToOwned>::Owned:p::DeepClone"]);
        assert!(predicates("struct S<'a, T> { cow: Cow<'a, str>, t: PhantomData<T> }").is_empty());
    }

    #[test]
    fn recursion_adds_no_bound_on_a_whole_field() {
        assert_eq!(
            predicates("struct S<T> { a: T, next: Option<Box<S<T>>> }"),
            ["T:p::DeepClone"]
        );
        assert!(predicates("struct S<T> { p: PhantomData<T>, next: Vec<Self> }").is_empty());
    }

    #[test]
    fn words_on_a_field_decide_what_it_needs() {
        let clone = predicates("struct S<T> { #[deepclone(clone)] a: Rc<T> }");
        assert_eq!(clone, ["Rc<T>:p::core::clone::Clone"]);
        let default = predicates("struct S<T> { #[deepclone(default)] a: Option<T> }");
        assert_eq!(default, ["Option<T>:p::core::default::Default"]);
        assert!(predicates("struct S<T> { #[deepclone(default = f())] a: T }").is_empty());
        assert!(
            predicates(
                "struct S<T> { #[deepclone(with = f)] a: T, #[deepclone(try_with = f)] b: T }"
            )
            .is_empty()
        );
        assert!(
            predicates("struct S<T> { p: PhantomData<T>, #[deepclone(clone)] a: Rc<u8> }")
                .is_empty()
        );
    }

    #[test]
    fn a_bound_replaces_what_is_inferred_and_keeps_what_is_declared() {
        let field = predicates("struct S<T, U> { #[deepclone(bound = \"T: A\")] a: T, b: U }");
        assert_eq!(field, ["T:A", "U:p::DeepClone"]);
        let both = predicates(
            "#[deepclone(bound = \"U: B\")] struct S<T, U> where T: D { #[deepclone(bound = \"T: A\")] a: T, b: U }",
        );
        assert_eq!(both, ["T:D", "T:A", "U:B"]);
        assert_eq!(
            predicates("#[deepclone(bound = \"\")] struct S<T> where T: D { a: T }"),
            ["T:D"]
        );
    }

    #[test]
    fn a_whole_copy_needs_what_makes_it() {
        assert_eq!(
            predicates("#[deepclone(clone)] struct S<T>(T);"),
            ["S<T>:p::core::clone::Clone"]
        );
        assert!(predicates("#[deepclone(clone)] struct S(u8);").is_empty());
        assert_eq!(
            predicates("#[deepclone(with = f)] struct S<T>(T);"),
            ["T:p::DeepClone"]
        );
    }

    #[test]
    fn a_type_that_cannot_be_seen_needs_every_parameter_that_it_names() {
        assert_eq!(
            predicates("struct S<T, U>(list![T], PhantomData<U>);"),
            ["T:p::DeepClone"]
        );
    }
}
