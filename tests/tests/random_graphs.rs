//! Random graphs against the oracle: nodes with cells, once-cells, locks and maps; strong, weak, dynamic and slice edges.

use deepclone::DeepClone;
use deepclone_tests::each_family;
use deepclone_tests::picture::{Picture, assert_copied, assert_unmoved};
use deepclone_tests::plan::{Plan, plans};
use proptest::prelude::*;

/// How many graphs each property is tried on.
fn cases(number: u32) -> ProptestConfig {
    ProptestConfig {
        cases: number,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(if cfg!(debug_assertions) { 150 } else { 1_000 }))]

    #[test]
    fn copies_of_random_graphs_are_isomorphic_and_disjoint_and_their_counts_exact(plan in plans(300)) {
        rc::copies_alike(&plan);
        arc::copies_alike(&plan);
    }
}

proptest! {
    #![proptest_config(cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    #[test]
    fn copies_of_small_random_graphs_are_isomorphic_and_disjoint_and_their_counts_exact(plan in plans(8)) {
        rc::copies_alike(&plan);
        arc::copies_alike(&plan);
    }

    #[test]
    fn a_copy_of_a_random_graph_can_be_copied_and_outlives_its_source(plan in plans(30)) {
        rc::copies_twice(&plan);
        arc::copies_twice(&plan);
    }

    #[test]
    fn random_graphs_with_an_open_cell_fail_and_stay_as_they_were(plan in plans(30), at in any::<prop::sample::Index>()) {
        fails_clean(&plan, at);
    }
}

each_family! {
    use plan::{World, sever};

    pub(super) fn copies_alike(plan: &Plan) {
        let world = World::build(plan);
        let before = Picture::of(&world.roots);
        let copy = world.roots.deep_clone();
        assert_copied(&before, &world.roots, &copy);
        sever(copy);
    }

    pub(super) fn copies_twice(plan: &Plan) {
        let world = World::build(plan);
        let before = Picture::of(&world.roots);
        let copy = world.roots.deep_clone();
        drop(world);
        let between = Picture::of(&copy);
        between.assert_shape_of(&before);
        between.assert_counts();
        let again = copy.deep_clone();
        assert_copied(&between, &copy, &again);
        sever(copy);
        let last = Picture::of(&again);
        last.assert_shape_of(&before);
        last.assert_counts();
        sever(again);
    }
}

/// Clones a graph while one of its cells is open.
fn fails_clean(plan: &Plan, at: prop::sample::Index) {
    use deepclone::ErrorKind;
    use deepclone_tests::plan::rc::{Edges, World, sever};

    let world = World::build(plan);
    let cells: Vec<_> = world
        .nodes
        .iter()
        .filter_map(|node| match &node.edges {
            Edges::Vec(cell) => Some(cell),
            _ => None,
        })
        .collect();
    if cells.is_empty() {
        return;
    }
    let before = Picture::of(&world.roots);
    let cell = cells[at.index(cells.len())];
    let open = cell.borrow_mut();
    let outcome = world.roots.try_deep_clone();
    drop(open);
    assert_unmoved(&before, &world.roots);
    match outcome {
        // No strong edge leads there.
        Ok(copy) => {
            Picture::of(&copy).assert_copy_of(&before);
            sever(copy);
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::AlreadyBorrowed);
            let copy = world.roots.deep_clone();
            assert_copied(&before, &world.roots, &copy);
            sever(copy);
        }
    }
}
