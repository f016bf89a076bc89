//! Nodes whose maps in cells have all the others as keys: rings all over.

/// A `Node` with a number, a fuse and the test's `Content` in a cell; a `Key`, which is a handle to a node and has a method `rank` in the test; and what
/// makes nodes, fills them by `Content::of`, and cuts them. The items see `Strong`, `Slot` and `open` of where the macro is called.
#[macro_export]
macro_rules! crowd {
    () => {
        #[derive(deepclone::DeepClone)]
        struct Node {
            number: usize,
            slot: Slot<Content>,
            fuse: $crate::fuse::Fuse,
        }

        #[derive(deepclone::DeepClone, Clone)]
        struct Key(Strong<Node>);

        $crate::ranked!(Key);

        /// All but this one.
        fn others(nodes: &[Strong<Node>], number: usize) -> Vec<Key> {
            let others = nodes.iter().filter(|node| node.number != number);
            others.cloned().map(Key).collect()
        }

        fn nodes(detonator: &$crate::fuse::Detonator, count: usize) -> Vec<Strong<Node>> {
            let node = |number| {
                Strong::new(Node {
                    number,
                    slot: Slot::default(),
                    fuse: detonator.fuse(),
                })
            };
            let nodes: Vec<_> = (0..count).map(node).collect();
            for node in &nodes {
                let content = Content::of(&others(&nodes, node.number));
                *open(&node.slot) = content;
            }
            nodes
        }

        fn cut(nodes: &[Strong<Node>]) {
            for node in nodes {
                let content = std::mem::take(&mut *open(&node.slot));
                drop(content);
            }
        }
    };
}
