//! What is compared: all that can be reached from a node, written down, and its handles, counted.

/// Draws nodes.
macro_rules! picture {
    () => {
        /// Writes down what a node leads to.
        #[derive(Default)]
        struct Picture {
            text: String,
            seen: Vec<*const Node>,
            /// Where weak handles lead.
            weak: Vec<*const Node>,
            /// Nodes whose counts are written down at the end.
            nodes: Vec<Strong<Node>>,
        }

        impl Picture {
            fn of(root: &Strong<Node>) -> Self {
                let mut picture = Self::default();
                picture.strong(root);
                for place in std::mem::take(&mut picture.weak) {
                    // Nothing pulls in what only these lead to.
                    let known = picture.seen.iter().position(|seen| *seen == place);
                    picture.note(&format!("leads to {known:?}"));
                }
                for node in std::mem::take(&mut picture.nodes) {
                    // Less the one of this list.
                    let (strong, weak) = counts(&node);
                    picture.note(&format!("{}: {} and {weak}", node.number, strong - 1));
                }
                picture
            }

            fn note(&mut self, text: &str) {
                writeln!(self.text, "{text}").expect("a text takes anything");
            }

            fn strong(&mut self, node: &Strong<Node>) {
                let place = Strong::as_ptr(node);
                if let Some(known) = self.seen.iter().position(|seen| *seen == place) {
                    return self.note(&format!("again {known}"));
                }
                self.seen.push(place);
                self.nodes.push(node.clone());
                self.note(&format!("node {}", node.number));
                self.nest(&node.bare);
                self.nest(&open(&node.first));
                self.nest(&open(&node.second).1);
            }

            fn key(&mut self, key: &Key) {
                self.note(&format!("key {}", key.number));
                self.strong(&key.node);
            }

            fn nests<'n>(&mut self, kind: &str, nests: impl IntoIterator<Item = &'n Nest>) {
                self.note(kind);
                nests.into_iter().for_each(|nest| self.nest(nest));
                self.note("end");
            }

            fn nest(&mut self, nest: &Nest) {
                match nest {
                    Nest::Nothing => self.note("nothing"),
                    Nest::Strong(node) => self.strong(node),
                    Nest::Weak(node) => {
                        self.note("weak");
                        self.weak.push(node.as_ptr());
                    }
                    Nest::Hashed(map) => {
                        let mut keys: Vec<&Key> = map.keys().collect();
                        keys.sort_unstable();
                        self.note("hashed");
                        for key in keys {
                            self.key(key);
                            // By look-up: it is found.
                            self.nest(&map[key]);
                        }
                    }
                    Nest::Sorted(map) => {
                        self.note("sorted");
                        for key in map.keys() {
                            self.key(key);
                            self.nest(&map[key]);
                        }
                    }
                    Nest::Set(set) => {
                        let mut keys: Vec<&Key> = set.iter().collect();
                        keys.sort_unstable();
                        self.note("set");
                        keys.iter()
                            .for_each(|key| self.key(set.get(*key).expect("it is found")));
                    }
                    Nest::Heap(heap) => {
                        self.note("heap");
                        heap.iter().for_each(|key| self.key(key));
                    }
                    Nest::Named(map) => {
                        let mut names: Vec<&u32> = map.keys().collect();
                        names.sort_unstable();
                        self.nests("named", names.into_iter().map(|name| &map[name]));
                    }
                    Nest::OfSets(map) => {
                        self.note("of sets");
                        for (set, nest) in map {
                            set.iter().for_each(|key| self.key(key));
                            assert!(map.contains_key(set));
                            self.nest(nest);
                        }
                    }
                    Nest::List(list) => self.nests("list", list),
                    Nest::Once(once) => self.nests("once", once.get().map(|nest| &**nest)),
                    Nest::Row(row) => self.nests("row", row),
                    Nest::Deque(deque) => self.nests("deque", deque),
                    Nest::Rest(rest) => self.nests("rest", rest.as_slice()),
                    Nest::Boxed(nest) => self.nests("boxed", nest.as_deref()),
                    Nest::Slice(row) => self.nests("slice", row),
                    Nest::Inner(slot) => self.nests("inner", [&*open(slot)]),
                    Nest::Ranked(map) => self.nests("ranked", map.values()),
                    Nest::Direct(_, slot) => self.nests("direct", &*open(slot)),
                    Nest::Held(once) => {
                        let held = once.get().expect("it is set");
                        self.nests("held", [&**open(&held.1)]);
                    }
                }
            }
        }

        /// As many handles as edges in the copy, and the one of the caller.
        fn assert_counts(copy: &Strong<Node>, picture: &Picture) {
            let mut edges: HashMap<*const Node, (usize, usize)> = HashMap::new();
            edges.entry(Strong::as_ptr(copy)).or_default().0 += 1;
            let mut ahead = vec![copy.clone()];
            let mut behind: Vec<Strong<Node>> = Vec::new();
            while let Some(node) = ahead.pop() {
                if behind.iter().any(|known| same(known, &node)) {
                    continue;
                }
                let before = ahead.len();
                for nest in [&node.bare, &*open(&node.first), &open(&node.second).1] {
                    edges_of(nest, &mut ahead, &mut edges);
                }
                for node in &ahead[before..] {
                    edges.entry(Strong::as_ptr(node)).or_default().0 += 1;
                }
                behind.push(node);
            }
            assert_eq!(behind.len(), picture.seen.len());
            for node in &behind {
                let (strong, weak) = counts(node);
                // Less the one of this list.
                assert_eq!((strong - 1, weak), edges[&Strong::as_ptr(node)]);
            }
        }

        /// Strong edges as handles, weak ones counted.
        fn edges_of(
            nest: &Nest,
            ahead: &mut Vec<Strong<Node>>,
            edges: &mut HashMap<*const Node, (usize, usize)>,
        ) {
            match nest {
                Nest::Weak(node) => {
                    if node.strong_count() > 0 {
                        edges.entry(node.as_ptr()).or_default().1 += 1;
                    }
                }
                Nest::Strong(node) => ahead.push(node.clone()),
                Nest::Inner(slot) => edges_of(&open(slot), ahead, edges),
                Nest::Direct(_, slot) => {
                    open(slot)
                        .iter()
                        .for_each(|nest| edges_of(nest, ahead, edges));
                }
                Nest::Held(once) => {
                    if let Some(held) = once.get() {
                        edges_of(&open(&held.1), ahead, edges);
                    }
                }
                _ => {
                    ahead.extend(nest.keys().into_iter().map(|key| key.node.clone()));
                    let nests = nest.nests().into_iter();
                    nests.for_each(|nest| edges_of(nest, ahead, edges));
                }
            }
        }
    };
}

pub(crate) use picture;
