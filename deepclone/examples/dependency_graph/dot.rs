//! Graphviz: allocations that have several owners, and edges on cycles, are marked.

use std::fmt::Write;

use crate::cycles::Cycles;
use crate::walk::{Kind, Role, Walk};

const LEGEND: &str = "\
// One node per Rc allocation. Doubled outline: shared, two or more strong edges lead to it.
// Red edge: lies on a cycle of strong edges; thick: closes one. Dashed: weak.
";

/// The graph as a Graphviz file.
pub(crate) fn dot(walk: &Walk, cycles: &Cycles) -> String {
    let mut out = String::from(LEGEND);
    out.push_str(
        "digraph dependencies {\n  rankdir=LR;\n  node [fontname=\"sans-serif\" fontsize=10];\n",
    );
    for (number, object) in walk.objects.iter().enumerate() {
        let shape = match object.kind {
            Kind::Workspace => "folder",
            Kind::Package => "box",
            Kind::Licence => "ellipse",
            Kind::Text => "note",
        };
        let outline = if object.strong > 1 {
            " peripheries=2"
        } else {
            ""
        };
        let label = label(object.kind, &object.content);
        line(
            &mut out,
            format_args!("n{number} [shape={shape}{outline} label=\"{label}\"]"),
        );
    }
    for (number, edge) in walk.edges.iter().enumerate() {
        let Some(to) = edge.to else { continue };
        let mut style = match edge.role {
            Role::BelongsTo => "style=dashed color=gray constraint=false",
            Role::NeededBy => "constraint=false color=black",
            _ => "color=black",
        }
        .to_owned();
        if cycles.on_cycle[number] {
            style = style.replace("black", "red");
        }
        if cycles.closing[number] {
            style.push_str(" penwidth=2");
        }
        line(&mut out, format_args!("n{} -> n{to} [{style}]", edge.from));
    }
    out.push_str("}\n");
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "  {text};").expect("a String takes all text");
}

/// The content; of a text, its first words.
fn label(kind: Kind, content: &str) -> String {
    let words = if kind == Kind::Text { 6 } else { usize::MAX };
    let short: Vec<&str> = content.split_whitespace().take(words).collect();
    short.join(" ").replace('\\', "\\\\").replace('"', "\\\"")
}
