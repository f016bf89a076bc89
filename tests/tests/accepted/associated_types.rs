//! Fields whose types are associated types of a parameter.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use deepclone::DeepClone;

trait Graph {
    type Node;
    type Edge<'a>;
}

struct City;

impl Graph for City {
    type Node = String;
    type Edge<'a> = &'a str;
}

#[derive(DeepClone)]
struct Walk<'a, G: Graph> {
    nodes: Vec<G::Node>,
    last: Option<<G as Graph>::Node>,
    edge: G::Edge<'a>,
}

#[test]
fn a_struct_whose_fields_have_associated_types() {
    let walk: Walk<'_, City> = Walk {
        nodes: vec!["a".to_owned()],
        last: None,
        edge: "e",
    };
    let copy = walk.deep_clone();
    assert_eq!(
        (copy.nodes, copy.last, copy.edge),
        (vec!["a".to_owned()], None, "e")
    );
}
