//! Where in a value something went wrong: `Scene.nodes[3].parent`.
//!
//! Segments are pushed while a failed operation unwinds, so from the leaf to the root; nothing is kept while all goes well.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// One step from a value to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A named or numbered field.
    Field(&'static str),
    /// An element, or the value of a map's n-th entry.
    Index(usize),
    /// The key of a map's n-th entry.
    Key(usize),
    /// A variant.
    Variant(&'static str),
    /// Everything above was done by then, and is not known any more.
    PutOff,
}

/// Writes the segments, given from the leaf to the root, behind the name of the root's type.
pub(crate) fn render(root: &'static str, segments: &[Segment]) -> String {
    let below = segments.iter().position(|s| *s == Segment::PutOff);
    let mut path = match below {
        Some(_) => String::from("…"),
        None => root_name(root),
    };
    let known: Vec<_> = segments[..below.unwrap_or(segments.len())].to_vec();
    for segment in known.iter().rev() {
        // Writing to a `String` does not fail.
        let _ = match segment {
            Segment::Field(name) => write!(path, ".{name}"),
            Segment::Index(index) => write!(path, "[{index}]"),
            Segment::Key(index) => write!(path, "{{key {index}}}"),
            Segment::Variant(name) => write!(path, "::{name}"),
            Segment::PutOff => Ok(()),
        };
    }
    path
}

/// Pointers and cells, which add nothing to a path.
const TRANSPARENT: [&str; 14] = [
    "Rc",
    "Arc",
    "Box",
    "Weak",
    "Cell",
    "RefCell",
    "OnceCell",
    "OnceLock",
    "Mutex",
    "RwLock",
    "Option",
    "Pin",
    "ManuallyDrop",
    "Cow",
];

/// The short name of a type, seen through pointers and cells.
pub(crate) fn root_name(full: &str) -> String {
    let full = full.trim();
    if let Some(inner) = full.strip_prefix('&') {
        return root_name(inner.strip_prefix("mut ").unwrap_or(inner));
    }
    if let Some(inner) = full.strip_prefix('(') {
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        let arity = split_arguments(inner).count();
        let last = if arity == 1 { "," } else { "" };
        return alloc::format!("({}{last})", alloc::vec!["_"; arity].join(", "));
    }
    if full.starts_with('[') {
        return String::from("[_]");
    }
    if let Some(name) = full.strip_prefix("dyn ") {
        return alloc::format!("dyn {}", last_segment(name));
    }
    let (head, arguments) = match full.split_once('<') {
        Some((head, rest)) => (head, rest.strip_suffix('>').unwrap_or(rest)),
        None => (full, ""),
    };
    let name = last_segment(head);
    let of_std = ["core::", "alloc::", "std::"]
        .iter()
        .any(|krate| head.starts_with(krate));
    if of_std && TRANSPARENT.contains(&name) {
        if let Some(inner) = split_arguments(arguments).find(|argument| !argument.starts_with('\''))
        {
            return root_name(inner);
        }
    }
    String::from(name)
}

fn last_segment(path: &str) -> &str {
    let path = path.split(['<', ' ']).next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

/// Splits at the commas of the outermost level.
fn split_arguments(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    list.split(move |c: char| {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' | ')' | ']' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_named_by_its_own_type_not_by_its_pointers() {
        assert_eq!(
            root_name("alloc::rc::Rc<core::cell::RefCell<game::Scene<u8>>>"),
            "Scene"
        );
        assert_eq!(root_name("(u8, (u8, u16))"), "(_, _)");
        assert_eq!(root_name("(u8,)"), "(_,)");
        assert_eq!(root_name("()"), "()");
        assert_eq!(root_name("alloc::vec::Vec<game::Node>"), "Vec");
        assert_eq!(
            root_name("alloc::boxed::Box<dyn game::Shape + core::marker::Send>"),
            "dyn Shape"
        );
        assert_eq!(root_name("&[u8]"), "[_]");
        assert_eq!(root_name("game::Box<u8>"), "Box");
    }

    #[test]
    fn segments_are_written_from_the_root_to_the_leaf() {
        let segments = [
            Segment::Variant("Leaf"),
            Segment::Key(2),
            Segment::Index(3),
            Segment::Field("0"),
            Segment::Field("nodes"),
        ];
        assert_eq!(
            render("game::Scene", &segments),
            "Scene.nodes.0[3]{key 2}::Leaf"
        );
    }

    #[test]
    fn below_work_that_was_put_off_the_path_starts_with_an_ellipsis() {
        let segments = [
            Segment::Field("next"),
            Segment::PutOff,
            Segment::Field("list"),
        ];
        assert_eq!(render("game::Scene", &segments), "….next");
    }
}
