//! With `Rc`.

use std::rc::{Rc, Weak};

#[path = "graph.rs"]
mod graph;
#[path = "items.rs"]
mod items;
