//! The tree: items, statements, expressions, patterns and types as nodes. What is rare is kept as tokens, as is what macros are given.

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};

use crate::peers::{peer_enum, peer_struct};

/// Tokens in their groups.
pub(super) type Tokens = Vec<Token>;
/// What stands in braces.
pub(super) type Block = Vec<Statement>;

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum Token {
    Word(String),
    Sign(char),
    Literal(String),
    Group(char, Tokens),
}

peer_enum!(Token { Word(word), Sign(sign), Literal(literal), Group(open, tokens) });

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) items: Vec<Item>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) attributes: Vec<Tokens>,
    pub(super) name: Option<String>,
    pub(super) generics: Tokens,
    pub(super) kind: ItemKind,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum ItemKind {
    Function(Function),
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
    Impl(Option<Path>, Type, Vec<Item>),
    Trait(Tokens, Vec<Item>),
    Module(Vec<Item>),
    Constant(Type, Expr),
    Alias(Type),
    Macro(Macro),
    Other(Tokens),
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Function {
    pub(super) parameters: Vec<Pattern>,
    pub(super) output: Option<Type>,
    pub(super) body: Option<Block>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) attributes: Vec<Tokens>,
    pub(super) name: Option<String>,
    pub(super) of: Type,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Variant {
    pub(super) attributes: Vec<Tokens>,
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    pub(super) number: Option<Expr>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Macro {
    pub(super) path: Path,
    pub(super) input: Tokens,
}

/// A path's segments.
pub(super) type Path = Vec<Segment>;

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) arguments: Vec<Type>,
}

peer_struct! {
    File { path, items }
    Item { attributes, name, generics, kind }
    Function { parameters, output, body }
    Field { attributes, name, of }
    Variant { attributes, name, fields, number }
    Macro { path, input }
    Segment { name, arguments }
}
peer_enum!(ItemKind {
    Function(function),
    Struct(fields),
    Enum(variants),
    Impl(of, on, items),
    Trait(above, items),
    Module(items),
    Constant(of, value),
    Alias(of),
    Macro(call),
    Other(tokens),
});

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum Type {
    Path(Path),
    Reference(Option<String>, bool, Box<Type>),
    Pointer(Box<Type>),
    Slice(Box<Type>),
    Array(Box<Type>, Box<Expr>),
    Tuple(Vec<Type>),
    Other(Tokens),
}

peer_enum!(Type {
    Path(path),
    Reference(lifetime, mutable, to),
    Pointer(to),
    Slice(of),
    Array(of, length),
    Tuple(of),
    Other(tokens),
});

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum Pattern {
    Name(String, Option<Box<Pattern>>),
    Path(Path),
    Tuple(Vec<Pattern>),
    TupleStruct(Path, Vec<Pattern>),
    Struct(Path, Vec<(String, Pattern)>),
    Slice(Vec<Pattern>),
    Or(Vec<Pattern>),
    Reference(Box<Pattern>),
    Guarded(Box<Pattern>, Box<Expr>),
    Typed(Box<Pattern>, Box<Type>),
    Any,
    Rest,
    Other(Tokens),
}

peer_enum!(Pattern {
    Name(name, within),
    Path(path),
    Tuple(of),
    TupleStruct(path, of),
    Struct(path, fields),
    Slice(of),
    Or(cases),
    Reference(to),
    Guarded(pattern, guard),
    Typed(pattern, of),
    Any,
    Rest,
    Other(tokens),
});

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum Statement {
    Let(Pattern, Option<Expr>, Option<Expr>),
    Item(Box<Item>),
    Expr(Expr, bool),
    Macro(Macro),
}

peer_enum!(Statement {
    Let(pattern, value, otherwise),
    Item(item),
    Expr(expr, ended),
    Macro(call),
});

#[derive(Clone, DeepClone, Serialize, Deserialize)]
pub(super) enum Expr {
    Literal(String),
    Path(Path),
    Unary(String, Box<Expr>),
    Binary(String, Box<Expr>, Box<Expr>),
    Assign(Box<Expr>, Box<Expr>),
    Call(Box<Expr>, Vec<Expr>),
    Method(Box<Expr>, Segment, Vec<Expr>),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Reference(bool, Box<Expr>),
    Cast(Box<Expr>, Box<Type>),
    Try(Box<Expr>),
    Tuple(Vec<Expr>),
    Array(Vec<Expr>),
    Repeat(Box<Expr>, Box<Expr>),
    Struct(Path, Vec<(String, Expr)>, Option<Box<Expr>>),
    Range(Option<Box<Expr>>, Option<Box<Expr>>),
    Block(Block),
    Unsafe(Block),
    If(Box<Expr>, Block, Option<Box<Expr>>),
    Let(Box<Pattern>, Box<Expr>),
    Match(Box<Expr>, Vec<(Pattern, Expr)>),
    While(Box<Expr>, Block),
    Loop(Block),
    For(Box<Pattern>, Box<Expr>, Block),
    Closure(Vec<Pattern>, Box<Expr>),
    Return(Option<Box<Expr>>),
    Break(Option<Box<Expr>>),
    Continue,
    Macro(Macro),
    Other(Tokens),
}

peer_enum!(Expr {
    Literal(literal),
    Path(path),
    Unary(operator, of),
    Binary(operator, left, right),
    Assign(to, value),
    Call(function, arguments),
    Method(of, name, arguments),
    Field(of, name),
    Index(of, at),
    Reference(mutable, to),
    Cast(value, to),
    Try(of),
    Tuple(of),
    Array(of),
    Repeat(of, times),
    Struct(path, fields, rest),
    Range(start, end),
    Block(block),
    Unsafe(block),
    If(condition, then, otherwise),
    Let(pattern, value),
    Match(of, arms),
    While(condition, body),
    Loop(body),
    For(pattern, over, body),
    Closure(parameters, body),
    Return(value),
    Break(value),
    Continue,
    Macro(call),
    Other(tokens),
});
