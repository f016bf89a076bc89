//! With `Arc`.

use std::sync::{Arc as Rc, Weak};

#[expect(clippy::arc_with_non_send_sync, reason = "the same graph as with `Rc`")]
#[path = "graph.rs"]
mod graph;
#[path = "items.rs"]
mod items;
