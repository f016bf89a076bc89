//! A syntax tree: boxes and vectors of an enum, nothing shared.

use deepclone::DeepClone;
use serde::{Deserialize, Serialize};

use crate::description::Description;
use crate::peers::{peer_enum, peer_struct};
use crate::workload::{Builder, CLONE, Workload};

#[derive(Clone, DeepClone, Serialize, Deserialize)]
enum Expr {
    Number(f64),
    Name(String),
    Not(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    Block(Vec<Statement>),
}

#[derive(Clone, Copy, DeepClone, Serialize, Deserialize)]
enum Operator {
    Add,
    Subtract,
    Multiply,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Statement {
    line: u32,
    target: Option<String>,
    value: Expr,
}

peer_enum!(Expr {
    Number(number),
    Name(name),
    Not(of),
    Binary(operator, left, right),
    Call(name, arguments),
    Block(statements),
});
peer_enum!(Operator {
    Add,
    Subtract,
    Multiply
});
peer_struct! { Statement { line, target, value } }

/// Grows a tree of `nodes` nodes.
fn expr(nodes: u32, random: &mut fastrand::Rng) -> Expr {
    if nodes <= 1 {
        return if random.bool() {
            Expr::Number(random.f64())
        } else {
            Expr::Name(format!("name{}", random.u32(..1000)))
        };
    }
    let below = nodes - 1;
    match random.u32(..8) {
        0 => Expr::Not(Box::new(expr(below, random))),
        1..=4 => {
            let left = below / 3 + random.u32(..=below / 3);
            let operator = match random.u32(..3) {
                0 => Operator::Add,
                1 => Operator::Subtract,
                _ => Operator::Multiply,
            };
            Expr::Binary(
                operator,
                Box::new(expr(left.max(1), random)),
                Box::new(expr((below - left).max(1), random)),
            )
        }
        5..=6 => {
            let arguments = random.u32(1..=4).min(below);
            let each = below / arguments;
            Expr::Call(
                format!("function{}", random.u32(..100)),
                (0..arguments).map(|_| expr(each, random)).collect(),
            )
        }
        _ => {
            let statements = random.u32(1..=8).min(below);
            let each = below / statements;
            Expr::Block(
                (0..statements)
                    .map(|line| Statement {
                        line,
                        target: random.bool().then(|| format!("x{line}")),
                        value: expr(each, random),
                    })
                    .collect(),
            )
        }
    }
}

pub(super) fn tree() -> Workload {
    let tree = expr(100_000, &mut fastrand::Rng::with_seed(5));
    Builder::new(
        "W5",
        "a syntax tree of Box and Vec, 100k nodes",
        "what compilers, linters and template engines copy before they rewrite it",
        tree,
    )
    .described(Description::of_plain)
    .copied_by_everyone()
    .bar(CLONE, 1.05)
    .build()
}
