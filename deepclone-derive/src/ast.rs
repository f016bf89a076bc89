//! One model of a type that derives `DeepClone`: its shape with every attribute read. Named, tuple and unit
//! fields are the same here: a list of members.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, DeriveInput, Fields, Generics, Ident, Member, Meta, Token, Type};

use crate::attr::{FieldAttr, TypeAttr, TypeCopy, refuse_on_variant};
use crate::ctxt::Ctxt;

pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: TypeAttr,
    pub(crate) data: Data<'a>,
    /// `#[repr(packed)]`, by which no reference to a field may be formed.
    pub(crate) packed: bool,
    /// Something in the type is deprecated, or what it mentions is, and its author knows.
    pub(crate) deprecated: bool,
}

pub(crate) enum Data<'a> {
    Struct(Vec<Field<'a>>),
    Enum(Vec<Variant<'a>>),
    Union(Token![union], Vec<Field<'a>>),
}

pub(crate) struct Variant<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) fields: Vec<Field<'a>>,
}

pub(crate) struct Field<'a> {
    pub(crate) member: Member,
    pub(crate) ty: &'a Type,
    pub(crate) attr: FieldAttr,
    /// Counts through the whole type, all variants: what is made for a field is named after it.
    pub(crate) number: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn parse(cx: &Ctxt, input: &'a DeriveInput) -> Self {
        let mut number = 0;
        let attr = TypeAttr::parse(cx, &input.attrs);
        let data = match &input.data {
            syn::Data::Struct(data) => Data::Struct(fields(cx, &data.fields, &mut number)),
            syn::Data::Enum(data) => {
                let variants = data.variants.iter().map(|variant| {
                    refuse_on_variant(cx, &variant.attrs);
                    Variant {
                        ident: &variant.ident,
                        fields: fields(cx, &variant.fields, &mut number),
                    }
                });
                Data::Enum(variants.collect())
            }
            syn::Data::Union(data) => {
                let fields = data.fields.named.iter().map(|field| {
                    let member = field.ident.clone().expect("a union's fields have names");
                    one_field(cx, field, member.into(), &mut number)
                });
                Data::Union(data.union_token, fields.collect())
            }
        };
        Self {
            ident: &input.ident,
            generics: &input.generics,
            attr,
            data,
            packed: is_packed(input),
            deprecated: is_deprecated(input),
        }
    }

    /// All fields, of every variant. None of a union: those are never copied one by one.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        let (own, variants) = match &self.data {
            Data::Struct(fields) => (fields.as_slice(), [].as_slice()),
            Data::Enum(variants) => ([].as_slice(), variants.as_slice()),
            Data::Union(..) => ([].as_slice(), [].as_slice()),
        };
        own.iter()
            .chain(variants.iter().flat_map(|variant| &variant.fields))
    }

    /// The copy is made field by field, and no word says how.
    pub(crate) fn is_plainly_copied(&self) -> bool {
        matches!(self.attr.copy, TypeCopy::Fields)
            && self.fields().all(|field| field.attr.is_plainly_copied())
    }
}

impl Field<'_> {
    /// The member as it is shown in the path of an error.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// Where the type stands in the source, for code that must not see the user's local names.
    pub(crate) fn span(&self) -> Span {
        Span::mixed_site().located_at(self.ty.span())
    }
}

fn fields<'a>(cx: &Ctxt, fields: &'a Fields, number: &mut usize) -> Vec<Field<'a>> {
    let members = fields.members();
    let fields = fields.iter().zip(members);
    fields
        .map(|(field, member)| one_field(cx, field, member, number))
        .collect()
}

fn one_field<'a>(
    cx: &Ctxt,
    field: &'a syn::Field,
    member: Member,
    number: &mut usize,
) -> Field<'a> {
    *number += 1;
    Field {
        member,
        ty: &field.ty,
        attr: FieldAttr::parse(cx, &field.attrs, &field.ty),
        number: *number - 1,
    }
}

fn is_packed(input: &DeriveInput) -> bool {
    let mut packed = false;
    for attr in input
        .attrs
        .iter()
        .filter(|attr| attr.path().is_ident("repr"))
    {
        // Whatever else stands there is for the compiler to judge.
        let _ = attr.parse_nested_meta(|meta| {
            packed |= meta.path.is_ident("packed");
            if meta.input.peek(syn::token::Paren) {
                let group;
                syn::parenthesized!(group in meta.input);
                group.parse::<proc_macro2::TokenStream>()?;
            }
            Ok(())
        });
    }
    packed
}

fn is_deprecated(input: &DeriveInput) -> bool {
    let mentions = |attrs: &[Attribute]| attrs.iter().any(mentions_deprecated);
    let field = |field: &syn::Field| mentions(&field.attrs);
    mentions(&input.attrs)
        || match &input.data {
            syn::Data::Struct(data) => data.fields.iter().any(field),
            syn::Data::Enum(data) => data
                .variants
                .iter()
                .any(|variant| mentions(&variant.attrs) || variant.fields.iter().any(field)),
            syn::Data::Union(data) => data.fields.named.iter().any(field),
        }
}

/// `#[deprecated]`, or `#[allow(deprecated)]` and its like.
fn mentions_deprecated(attr: &Attribute) -> bool {
    let path = attr.path();
    let level = path.is_ident("allow") || path.is_ident("expect") || path.is_ident("warn");
    path.is_ident("deprecated")
        || (level
            && attr
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .is_ok_and(|lints| lints.iter().any(|lint| lint.path().is_ident("deprecated"))))
}
