//! Random nests: the same number makes the same nodes.

/// Makes nodes.
macro_rules! generator {
    () => {
        /// Makes nests out of what there is.
        struct Builder {
            chance: Chance,
            nodes: Vec<Strong<Node>>,
            keys: u32,
        }

        impl Builder {
            fn node(&mut self) -> Strong<Node> {
                let at = self.chance.below(self.nodes.len());
                self.nodes[at].clone()
            }

            fn keys(&mut self) -> Vec<Key> {
                let count = 1 + self.chance.below(2);
                (0..count)
                    .map(|_| {
                        self.keys += 1;
                        Key {
                            number: self.keys,
                            node: self.node(),
                        }
                    })
                    .collect()
            }

            fn nests(&mut self, depth: usize) -> Vec<Nest> {
                let count = 1 + self.chance.below(2);
                (0..count).map(|_| self.nest(depth)).collect()
            }

            fn edge(&mut self) -> Nest {
                if self.nodes.is_empty() {
                    return Nest::Nothing;
                }
                match self.chance.below(4) {
                    0 => Nest::Nothing,
                    1 => Nest::Weak(Strong::downgrade(&self.node())),
                    _ => Nest::Strong(self.node()),
                }
            }

            fn nest(&mut self, depth: usize) -> Nest {
                let kinds = if depth == 0 { 6 } else { 21 };
                match self.chance.below(kinds) {
                    0..=3 => self.edge(),
                    4 => Nest::Set(self.keys().into_iter().collect()),
                    5 => Nest::Heap(self.keys().into_iter().collect()),
                    6 => Nest::Hashed(
                        self.keys()
                            .into_iter()
                            .map(|key| (key, self.nest(depth - 1)))
                            .collect(),
                    ),
                    7 => Nest::Sorted(
                        self.keys()
                            .into_iter()
                            .map(|key| (key, self.nest(depth - 1)))
                            .collect(),
                    ),
                    8 => Nest::Named((0..).zip(self.nests(depth - 1)).collect()),
                    9 => {
                        let keys = self.keys().into_iter().collect();
                        Nest::OfSets(BTreeMap::from([(keys, self.nest(depth - 1))]))
                    }
                    10 => Nest::List(self.nests(depth - 1).into_iter().collect()),
                    11 => Nest::Once(OnceCell::from(Box::new(self.nest(depth - 1)))),
                    12 => Nest::Row(self.nests(depth - 1)),
                    13 => Nest::Deque(self.nests(depth - 1).into()),
                    14 if self.chance.below(2) == 0 => {
                        Nest::Rest(self.nests(depth - 1).into_iter())
                    }
                    14 => Nest::Boxed(Some(Box::new(self.nest(depth - 1)))),
                    15 => Nest::Slice(self.nests(depth - 1).into()),
                    16 => Nest::Ranked((0..).zip(self.nests(depth - 1)).collect()),
                    17 => Nest::Direct(0, Slot::new(self.nests(depth - 1))),
                    18 => Nest::Held(OnceCell::from((0, Slot::new(self.nest(depth - 1).into())))),
                    _ => Nest::Inner(Box::new(Slot::new(self.nest(depth - 1)))),
                }
            }

            /// What lies in no cell, with empty cells in it.
            fn frame(&mut self, depth: usize) -> Nest {
                let kinds = if depth == 0 { 5 } else { 13 };
                let kind = self.chance.below(kinds);
                let mut frames = || {
                    let count = 1 + self.chance.below(4);
                    let frames = (0..count).map(|_| self.frame(depth - 1));
                    frames.collect::<Vec<_>>()
                };
                match kind {
                    0 => self.edge(),
                    1 | 2 => Nest::Direct(1, Slot::default()),
                    3 => Nest::Held(OnceCell::from((2, Slot::new(Nest::Nothing.into())))),
                    4 => Nest::Inner(Box::new(Slot::new(Nest::Nothing))),
                    5 => Nest::Named((0..).zip(frames()).collect()),
                    6 => Nest::Ranked((0..).zip(frames()).collect()),
                    7 => Nest::List(frames().into_iter().collect()),
                    8 => Nest::Once(OnceCell::from(Box::new(self.frame(depth - 1)))),
                    9 => Nest::Row(frames()),
                    10 => Nest::Deque(frames().into()),
                    11 => Nest::Rest(frames().into_iter()),
                    _ => Nest::Slice(frames().into()),
                }
            }

            /// Fills the cells in it.
            fn fill(&mut self, frame: &Nest) {
                match frame {
                    Nest::Inner(slot) => *open(slot) = self.nest(2),
                    Nest::Direct(_, slot) => *open(slot) = self.nests(2),
                    Nest::Held(once) => {
                        let nest = self.nest(2).into();
                        if let Some(held) = once.get() {
                            *open(&held.1) = nest;
                        }
                    }
                    _ => frame.nests().into_iter().for_each(|frame| self.fill(frame)),
                }
            }
        }

        /// The last of a few nodes leads to the others.
        fn nodes(seed: u64, detonator: &Detonator) -> Vec<Strong<Node>> {
            let mut builder = Builder {
                chance: Chance(seed),
                nodes: Vec::new(),
                keys: 0,
            };
            for number in 0..2 + builder.chance.below(3) {
                let node = Strong::new(Node {
                    number: u32::try_from(number).expect("few"),
                    fuse: detonator.fuse(),
                    bare: builder.frame(3),
                    first: Slot::new(Nest::Nothing),
                    second: Slot::new((0, Nest::Nothing)),
                });
                builder.nodes.push(node);
            }
            for at in 0..builder.nodes.len() {
                let (first, second) = (builder.nest(3), builder.nest(3));
                *open(&builder.nodes[at].first) = first;
                open(&builder.nodes[at].second).1 = second;
                let node = builder.nodes[at].clone();
                builder.fill(&node.bare);
            }
            builder.nodes
        }
    };
}

pub(crate) use generator;
