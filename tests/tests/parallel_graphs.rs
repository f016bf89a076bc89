//! Random graphs copied by one, two and eight threads, against the oracle.

use std::sync::LazyLock;

use deepclone::{DeepClone, ParDeepClone};
use deepclone_tests::picture::{Picture, assert_copied};
use deepclone_tests::plan::arc::{Edge, World, sever};
use deepclone_tests::plan::{Plan, plans};
use proptest::prelude::*;
use rayon::ThreadPool;

static POOLS: LazyLock<[ThreadPool; 3]> = LazyLock::new(|| {
    [1, 2, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("there are threads")
    })
});

/// More elements than are copied as a sample, so that all threads begin somewhere in the graph.
const ELEMENTS: usize = 200;

fn copies_alike(plan: &Plan) {
    let world = World::build(plan);
    let source: Vec<Edge> = world
        .nodes
        .iter()
        .rev()
        .cycle()
        .take(if world.nodes.is_empty() { 0 } else { ELEMENTS })
        .map(|node| Edge::Strong(node.clone()))
        .collect();
    let before = Picture::of(&source);
    let alone = source.deep_clone();
    assert_copied(&before, &source, &alone);
    let expected = Picture::of(&alone);
    for pool in &*POOLS {
        let copy = pool.install(|| source.par_deep_clone());
        assert_copied(&before, &source, &copy);
        Picture::of(&copy).assert_shape_of(&expected);
        sever(copy);
    }
    sever(alone);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 200 } else { 2_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_graph_has_one_picture_whatever_the_number_of_threads(plan in plans(150)) {
        copies_alike(&plan);
    }
}
