//! From what `syn` reads to the tree.

use proc_macro2::{Delimiter, TokenTree};
use quote::{ToTokens, quote};

use super::tree::*;

fn tokens(of: impl ToTokens) -> Tokens {
    of.into_token_stream()
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(word) => Token::Word(word.to_string()),
            TokenTree::Punct(sign) => Token::Sign(sign.as_char()),
            TokenTree::Literal(literal) => Token::Literal(literal.to_string()),
            TokenTree::Group(group) => {
                let open = match group.delimiter() {
                    Delimiter::Parenthesis => '(',
                    Delimiter::Brace => '{',
                    Delimiter::Bracket => '[',
                    Delimiter::None => ' ',
                };
                Token::Group(open, tokens(group.stream()))
            }
        })
        .collect()
}

fn attributes(of: &[syn::Attribute]) -> Vec<Tokens> {
    of.iter().map(tokens).collect()
}

/// A name, an operator or a literal.
fn text(of: impl ToTokens) -> String {
    of.to_token_stream().to_string()
}

pub(super) fn file(path: String, of: &syn::File) -> File {
    File {
        path,
        items: of.items.iter().map(item).collect(),
    }
}

/// An item with its attributes, name and generics.
fn named(
    attrs: &[syn::Attribute],
    name: Option<&syn::Ident>,
    generics: &syn::Generics,
    kind: ItemKind,
) -> Item {
    let bounds = &generics.where_clause;
    Item {
        attributes: attributes(attrs),
        name: name.map(text),
        generics: tokens(quote!(#generics #bounds)),
        kind,
    }
}

fn unnamed(attrs: &[syn::Attribute], kind: ItemKind) -> Item {
    named(attrs, None, &syn::Generics::default(), kind)
}

fn other(of: impl ToTokens) -> Item {
    unnamed(&[], ItemKind::Other(tokens(of)))
}

fn function(attrs: &[syn::Attribute], sig: &syn::Signature, body: Option<&syn::Block>) -> Item {
    let function = Function {
        parameters: sig.inputs.iter().map(parameter).collect(),
        output: returned(&sig.output),
        body: body.map(block),
    };
    let kind = ItemKind::Function(function);
    named(attrs, Some(&sig.ident), &sig.generics, kind)
}

fn parameter(of: &syn::FnArg) -> Pattern {
    match of {
        syn::FnArg::Receiver(of) => Pattern::Other(tokens(of)),
        syn::FnArg::Typed(of) => typed(of),
    }
}

fn returned(of: &syn::ReturnType) -> Option<Type> {
    match of {
        syn::ReturnType::Default => None,
        syn::ReturnType::Type(_, of) => Some(a_type(of)),
    }
}

fn fields(of: &syn::Fields) -> Vec<Field> {
    let field = |of: &syn::Field| Field {
        attributes: attributes(&of.attrs),
        name: of.ident.as_ref().map(text),
        of: a_type(&of.ty),
    };
    of.iter().map(field).collect()
}

fn variant(of: &syn::Variant) -> Variant {
    Variant {
        attributes: attributes(&of.attrs),
        name: text(&of.ident),
        fields: fields(&of.fields),
        number: of.discriminant.as_ref().map(|(_, number)| expr(number)),
    }
}

fn call(of: &syn::Macro) -> Macro {
    Macro {
        path: path(&of.path),
        input: tokens(&of.tokens),
    }
}

fn item(of: &syn::Item) -> Item {
    use syn::Item as I;
    match of {
        I::Fn(of) => function(&of.attrs, &of.sig, Some(&of.block)),
        I::Struct(of) => {
            let kind = ItemKind::Struct(fields(&of.fields));
            named(&of.attrs, Some(&of.ident), &of.generics, kind)
        }
        I::Enum(of) => {
            let kind = ItemKind::Enum(of.variants.iter().map(variant).collect());
            named(&of.attrs, Some(&of.ident), &of.generics, kind)
        }
        I::Impl(of) => {
            let of_trait = of.trait_.as_ref().map(|(of, _)| path(of));
            let items = of.items.iter().map(|of| match of {
                syn::ImplItem::Fn(of) => function(&of.attrs, &of.sig, Some(&of.block)),
                syn::ImplItem::Type(of) => alias(&of.attrs, &of.ident, &of.generics, &of.ty),
                syn::ImplItem::Const(of) => constant(&of.attrs, &of.ident, &of.ty, &of.expr),
                of => other(of),
            });
            let kind = ItemKind::Impl(of_trait, a_type(&of.self_ty), items.collect());
            named(&of.attrs, None, &of.generics, kind)
        }
        I::Trait(of) => {
            let items = of.items.iter().map(|of| match of {
                syn::TraitItem::Fn(of) => function(&of.attrs, &of.sig, of.default.as_ref()),
                of => other(of),
            });
            let kind = ItemKind::Trait(tokens(&of.supertraits), items.collect());
            named(&of.attrs, Some(&of.ident), &of.generics, kind)
        }
        I::Mod(of) => {
            let items = of.content.iter().flat_map(|(_, items)| items);
            Item {
                name: Some(text(&of.ident)),
                ..unnamed(&of.attrs, ItemKind::Module(items.map(item).collect()))
            }
        }
        I::Const(of) => constant(&of.attrs, &of.ident, &of.ty, &of.expr),
        I::Static(of) => constant(&of.attrs, &of.ident, &of.ty, &of.expr),
        I::Type(of) => alias(&of.attrs, &of.ident, &of.generics, &of.ty),
        I::Macro(of) => Item {
            name: of.ident.as_ref().map(text),
            ..unnamed(&of.attrs, ItemKind::Macro(call(&of.mac)))
        },
        of => other(of),
    }
}

fn constant(
    attrs: &[syn::Attribute],
    name: &syn::Ident,
    of: &syn::Type,
    value: &syn::Expr,
) -> Item {
    Item {
        name: Some(text(name)),
        ..unnamed(attrs, ItemKind::Constant(a_type(of), expr(value)))
    }
}

fn alias(
    attrs: &[syn::Attribute],
    name: &syn::Ident,
    generics: &syn::Generics,
    of: &syn::Type,
) -> Item {
    named(attrs, Some(name), generics, ItemKind::Alias(a_type(of)))
}

fn path(of: &syn::Path) -> Path {
    of.segments.iter().map(segment).collect()
}

fn segment(of: &syn::PathSegment) -> Segment {
    let arguments = match &of.arguments {
        syn::PathArguments::None => Vec::new(),
        syn::PathArguments::AngleBracketed(of) => arguments(of),
        of => vec![Type::Other(tokens(of))],
    };
    Segment {
        name: text(&of.ident),
        arguments,
    }
}

fn arguments(of: &syn::AngleBracketedGenericArguments) -> Vec<Type> {
    let argument = |of: &syn::GenericArgument| match of {
        syn::GenericArgument::Type(of) => a_type(of),
        of => Type::Other(tokens(of)),
    };
    of.args.iter().map(argument).collect()
}

fn a_type(of: &syn::Type) -> Type {
    use syn::Type as T;
    match of {
        T::Path(of) if of.qself.is_none() => Type::Path(path(&of.path)),
        T::Reference(of) => Type::Reference(
            of.lifetime.as_ref().map(text),
            of.mutability.is_some(),
            Box::new(a_type(&of.elem)),
        ),
        T::Ptr(of) => Type::Pointer(Box::new(a_type(&of.elem))),
        T::Slice(of) => Type::Slice(Box::new(a_type(&of.elem))),
        T::Array(of) => Type::Array(Box::new(a_type(&of.elem)), boxed(&of.len)),
        T::Tuple(of) => Type::Tuple(of.elems.iter().map(a_type).collect()),
        T::Paren(of) => a_type(&of.elem),
        of => Type::Other(tokens(of)),
    }
}

fn typed(of: &syn::PatType) -> Pattern {
    Pattern::Typed(Box::new(pattern(&of.pat)), Box::new(a_type(&of.ty)))
}

fn pattern(of: &syn::Pat) -> Pattern {
    use syn::Pat as P;
    let boxed_pattern = |of| Box::new(pattern(of));
    match of {
        P::Ident(of) => {
            let within = of.subpat.as_ref().map(|(_, within)| boxed_pattern(within));
            Pattern::Name(text(&of.ident), within)
        }
        P::Path(of) if of.qself.is_none() => Pattern::Path(path(&of.path)),
        P::Tuple(of) => Pattern::Tuple(of.elems.iter().map(pattern).collect()),
        P::TupleStruct(of) => {
            Pattern::TupleStruct(path(&of.path), of.elems.iter().map(pattern).collect())
        }
        P::Struct(of) => {
            let field = |of: &syn::FieldPat| (text(&of.member), pattern(&of.pat));
            Pattern::Struct(path(&of.path), of.fields.iter().map(field).collect())
        }
        P::Slice(of) => Pattern::Slice(of.elems.iter().map(pattern).collect()),
        P::Or(of) => Pattern::Or(of.cases.iter().map(pattern).collect()),
        P::Reference(of) => Pattern::Reference(boxed_pattern(&of.pat)),
        P::Guard(of) => Pattern::Guarded(boxed_pattern(&of.pat), boxed(&of.guard)),
        P::Paren(of) => pattern(&of.pat),
        P::Type(of) => typed(of),
        P::Wild(_) => Pattern::Any,
        P::Rest(_) => Pattern::Rest,
        of => Pattern::Other(tokens(of)),
    }
}

fn block(of: &syn::Block) -> Block {
    of.stmts.iter().map(statement).collect()
}

fn statement(of: &syn::Stmt) -> Statement {
    match of {
        syn::Stmt::Local(of) => {
            let value = of.init.as_ref().map(|init| expr(&init.expr));
            let otherwise = of.init.as_ref().and_then(|init| init.diverge.as_ref());
            let otherwise = otherwise.map(|(_, otherwise)| expr(otherwise));
            Statement::Let(pattern(&of.pat), value, otherwise)
        }
        syn::Stmt::Item(of) => Statement::Item(Box::new(item(of))),
        syn::Stmt::Expr(of, end) => Statement::Expr(expr(of), end.is_some()),
        syn::Stmt::Macro(of) => Statement::Macro(call(&of.mac)),
    }
}

fn boxed(of: &syn::Expr) -> Box<Expr> {
    Box::new(expr(of))
}

fn perhaps(of: &Option<Box<syn::Expr>>) -> Option<Box<Expr>> {
    of.as_deref().map(boxed)
}

fn exprs<'a>(of: impl IntoIterator<Item = &'a syn::Expr>) -> Vec<Expr> {
    of.into_iter().map(expr).collect()
}

fn expr(of: &syn::Expr) -> Expr {
    use syn::Expr as E;
    match of {
        E::Lit(of) => Expr::Literal(text(&of.lit)),
        E::Path(of) if of.qself.is_none() => Expr::Path(path(&of.path)),
        E::Unary(syn::ExprUnary { op, expr, .. }) => Expr::Unary(text(op), boxed(expr)),
        E::Binary(syn::ExprBinary {
            op, left, right, ..
        }) => Expr::Binary(text(op), boxed(left), boxed(right)),
        E::Assign(of) => Expr::Assign(boxed(&of.left), boxed(&of.right)),
        E::Call(of) => Expr::Call(boxed(&of.func), exprs(&of.args)),
        E::MethodCall(of) => {
            let name = Segment {
                name: text(&of.method),
                arguments: of.turbofish.as_ref().map_or_else(Vec::new, arguments),
            };
            Expr::Method(boxed(&of.receiver), name, exprs(&of.args))
        }
        E::Field(of) => Expr::Field(boxed(&of.base), text(&of.member)),
        E::Index(of) => Expr::Index(boxed(&of.expr), boxed(&of.index)),
        E::Reference(of) => Expr::Reference(of.mutability.is_some(), boxed(&of.expr)),
        E::Cast(of) => Expr::Cast(boxed(&of.expr), Box::new(a_type(&of.ty))),
        E::Try(of) => Expr::Try(boxed(&of.expr)),
        E::Tuple(of) => Expr::Tuple(exprs(&of.elems)),
        E::Array(of) => Expr::Array(exprs(&of.elems)),
        E::Repeat(of) => Expr::Repeat(boxed(&of.expr), boxed(&of.len)),
        E::Struct(of) => {
            let field = |of: &syn::FieldValue| (text(&of.member), expr(&of.expr));
            let fields = of.fields.iter().map(field).collect();
            Expr::Struct(path(&of.path), fields, perhaps(&of.rest))
        }
        E::Range(of) => Expr::Range(perhaps(&of.start), perhaps(&of.end)),
        E::Block(of) => Expr::Block(block(&of.block)),
        E::Unsafe(of) => Expr::Unsafe(block(&of.block)),
        E::If(of) => {
            let otherwise = of.else_branch.as_ref().map(|(_, of)| boxed(of));
            Expr::If(boxed(&of.cond), block(&of.then_branch), otherwise)
        }
        E::Let(of) => Expr::Let(Box::new(pattern(&of.pat)), boxed(&of.expr)),
        E::Match(of) => {
            let arm = |of: &syn::Arm| (pattern(&of.pat), expr(&of.body));
            Expr::Match(boxed(&of.expr), of.arms.iter().map(arm).collect())
        }
        E::While(of) => Expr::While(boxed(&of.cond), block(&of.body)),
        E::Loop(of) => Expr::Loop(block(&of.body)),
        E::ForLoop(of) => Expr::For(Box::new(pattern(&of.pat)), boxed(&of.expr), block(&of.body)),
        E::Closure(of) => Expr::Closure(of.inputs.iter().map(pattern).collect(), boxed(&of.body)),
        E::Return(of) => Expr::Return(perhaps(&of.expr)),
        E::Break(of) => Expr::Break(perhaps(&of.expr)),
        E::Continue(_) => Expr::Continue,
        E::Macro(of) => Expr::Macro(call(&of.mac)),
        E::Paren(of) => expr(&of.expr),
        E::Group(of) => expr(&of.expr),
        of => Expr::Other(tokens(of)),
    }
}
