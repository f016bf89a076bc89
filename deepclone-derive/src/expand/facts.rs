//! What an impl says about the type besides how to copy it: whether a copy is the same bytes, whether these bytes may
//! be read at any time, and what the library may do with a type that turns out to be `Copy`.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, PathArguments, Type};

use super::{Library, Target, tail};
use crate::ast::Input;

/// Names of types that own memory, count references or lock: a struct with a field of such a type is never plain, and
/// nothing needs to be generated to find that out. A type of the user's that has one of these names loses a shortcut,
/// nothing else.
const NEVER_PLAIN: [&str; 22] = [
    "Arc",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "Box",
    "CString",
    "HashMap",
    "HashSet",
    "LinkedList",
    "Mutex",
    "OnceCell",
    "OnceLock",
    "OsString",
    "PathBuf",
    "Rc",
    "RefCell",
    "RwLock",
    "String",
    "Vec",
    "VecDeque",
    "Weak",
    "AtomicUsize",
];

fn may_be_plain(input: &Input<'_>) -> bool {
    input.is_plainly_copied() && input.fields().all(|field| !never_plain(field.ty))
}

fn never_plain(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return false;
            };
            if NEVER_PLAIN.iter().any(|name| last.ident == name) {
                return true;
            }
            match &last.arguments {
                PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
                    arguments.args.iter().any(
                        |argument| matches!(argument, GenericArgument::Type(ty) if never_plain(ty)),
                    )
                }
                _ => false,
            }
        }
        Type::Array(ty) => never_plain(&ty.elem),
        Type::Group(ty) => never_plain(&ty.elem),
        Type::Paren(ty) => never_plain(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().any(never_plain),
        _ => false,
    }
}

/// Copies the whole value as bytes if it is plain.
pub(super) fn shortcut(target: &Target<'_>) -> TokenStream {
    if !may_be_plain(target.input) {
        return TokenStream::new();
    }
    let private = &target.library.private;
    quote_spanned! {Span::mixed_site()=>
        if <Self as #private::DeepClone>::__plain() {
            unsafe { #private::place_bytes(self, dst) };
            return #private::Ok(());
        }
    }
}

/// Whether the bytes of the value may change while they are read, as an expression.
pub(super) fn racy(target: &Target<'_>) -> TokenStream {
    let private = &target.library.private;
    if target.input.is_plainly_copied() {
        quote_spanned!(Span::mixed_site()=> <Self as #private::DeepClone>::__racy())
    } else {
        quote_spanned!(Span::mixed_site()=> true)
    }
}

/// The methods that answer for the type. Where the trait's own answer is right, there is none.
pub(super) fn methods(target: &Target<'_>) -> TokenStream {
    let input = target.input;
    if !input.is_plainly_copied() {
        return TokenStream::new();
    }
    let Library { private } = &target.library;
    let span = Span::mixed_site();
    let bool = quote_spanned!(span=> #private::core::primitive::bool);
    let mut seen = HashSet::new();
    let fields = input
        .fields()
        .filter(|field| field.attr.is_deep())
        .filter(|field| seen.insert(field.ty.to_token_stream().to_string()));
    let (plain, racy): (Vec<_>, Vec<_>) = fields
        .map(|field| {
            let ty = field.ty;
            let plain = quote_spanned!(field.span()=> <#ty as #private::DeepClone>::__plain());
            let racy = quote_spanned!(field.span()=> <#ty as #private::DeepClone>::__racy());
            (plain, racy)
        })
        .unzip();
    let plain = may_be_plain(input).then(|| {
        let all = if plain.is_empty() {
            quote_spanned!(span=> true)
        } else {
            quote_spanned!(span=> #(#plain)&&*)
        };
        let as_clone = as_clone(target);
        quote_spanned! {span=>
            #[inline]
            fn __plain() -> #bool {
                #all
            }
            #as_clone
        }
    });
    let any = if racy.is_empty() {
        quote_spanned!(span=> false)
    } else {
        quote_spanned!(span=> #(#racy)||*)
    };
    quote_spanned! {span=>
        #plain
        #[inline]
        fn __racy() -> #bool {
            #any
        }
    }
}

/// A type without parameters can be asked whether it is `Copy`: the inherent method of the probe exists only then, and
/// otherwise the trait's method of the same name is found.
fn as_clone(target: &Target<'_>) -> TokenStream {
    if !target.input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let private = &target.library.private;
    quote_spanned! {Span::mixed_site()=>
        #[inline]
        fn __as_clone<C: #private::CloneVisitor<Self>>(visitor: C) -> #private::core::primitive::bool {
            use #private::NotCopy as _;
            if <Self as #private::DeepClone>::__plain() {
                #private::AsCopy::<Self, C>(visitor, #private::core::marker::PhantomData).visit_if_copy()
            } else {
                false
            }
        }
    }
}

/// Items beside the impl: a type that is `Copy` may be the content of a `Cell`. The bound is checked where a `Cell` is
/// copied, not here.
pub(super) fn items(target: &Target<'_>) -> TokenStream {
    let input = target.input;
    if !input.generics.params.is_empty() || !may_be_plain(input) || tail::may_be_in(input) {
        return TokenStream::new();
    }
    let private = &target.library.private;
    let name = input.ident;
    let allow = target.allow();
    let where_clause = target
        .where_clause
        .as_ref()
        .map(|clause| &clause.predicates)
        .filter(|list| !list.is_empty());
    let declared = where_clause.map(|predicates| {
        let predicates = predicates.iter();
        quote_spanned!(Span::mixed_site()=> #(#predicates,)*)
    });
    let implement = |content: &TokenStream| {
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            #allow
            unsafe impl #private::#content for #name
            where
                #declared
                for<'a> #private::CopyProbe<'a, #name>: #private::IsCopy,
            {
            }
        }
    };
    let alone = implement(&quote!(CellContent));
    let within = implement(&quote!(CopyContent));
    quote!(#alone #within)
}
