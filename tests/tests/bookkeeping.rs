//! How much of the heap an operation uses beyond source and copy: with user code on the way, in a session, when it fails, without cycles, and at
//! unlucky numbers of nodes.

use allocation_counter::measure;
use deepclone::{Cloner, DeepClone, Error, Session, impl_deep_clone};
use deepclone_tests::each_family;
use deepclone_tests::fuse::{Detonator, Mode};

/// Bytes that `work` has left behind on the heap, and the most that it had there.
fn heap<R>(work: impl FnOnce() -> R) -> (R, i64, i64) {
    let mut result = None;
    let info = measure(|| result = Some(work()));
    let peak = i64::try_from(info.bytes_max).expect("small");
    (result.expect("it has run"), info.bytes_current, peak)
}

/// A generator of numbers: a multiplication and a shift.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        usize::try_from((self.0 >> 33) % limit as u64).expect("it is below a `usize`")
    }
}

/// Numbers of nodes at which tables have just grown, and others.
const COUNTS: &[usize] = &[1_000, 1_025, 1_281, 2_049, 2_561, 4_000, 4_097];

each_family! {
    /// What is the same in all nodes: edges.
    #[derive(DeepClone, Default)]
    struct Edges<N> {
        strong: Slot<Vec<Strong<N>>>,
        weak: Slot<Vec<Weak<N>>>,
    }

    trait Node: DeepClone + Sized {
        fn new(edges: Edges<Self>) -> Self;
        fn edges(&self) -> &Edges<Self>;
    }

    macro_rules! node {
        ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $ty:ty = $value:expr,)* }) => {
            $(#[$doc])*
            #[derive(DeepClone)]
            struct $name {
                $($(#[$attr])* $field: $ty,)*
                edges: Edges<$name>,
            }

            impl Node for $name {
                fn new(edges: Edges<Self>) -> Self {
                    Self { $($field: $value,)* edges }
                }
                fn edges(&self) -> &Edges<Self> {
                    &self.edges
                }
            }
        };
    }

    node! {
        /// Plain memory.
        Plain { name: Box<[u8; 24]> = Box::new([7; 24]), }
    }

    node! {
        /// With user code in each.
        With { #[deepclone(with = same)] number: u64 = 5, }
    }

    node! {
        /// With user code in each that has a `Cloner`.
        TryWith { #[deepclone(try_with = ask)] number: Box<u64> = Box::new(5), }
    }

    node! {
        /// With a part whose copy is written by hand.
        Hand { part: Part = Part(5), }
    }

    struct Part(u64);

    impl_deep_clone! { impl for Part = |part, _cloner| Ok(Part(part.0)) }

    fn same(number: &u64) -> u64 {
        *number
    }

    #[allow(clippy::borrowed_box, reason = "that is what the field is")]
    fn ask(number: &Box<u64>, cloner: &mut Cloner<'_>) -> Result<Box<u64>, Error> {
        cloner.deep_clone(number)
    }

    fn lone<N: Node>(count: usize) -> Vec<Strong<N>> {
        (0..count).map(|_| Strong::new(N::new(Edges { strong: Slot::default(), weak: Slot::default() }))).collect()
    }

    /// A ring with spokes, in which every node has several edges of both kinds. Only the root is returned.
    fn web<N: Node>(count: usize) -> Strong<N> {
        let mut random = Random(7);
        let nodes = lone::<N>(count);
        for (index, node) in nodes.iter().enumerate() {
            let to = [(index + 1) % count, random.below(count)];
            *open(&node.edges().strong) = to.map(|to| nodes[to].clone()).into();
            *open(&node.edges().weak) = to.map(|to| Strong::downgrade(&nodes[to])).into();
        }
        nodes.into_iter().next().expect("some")
    }

    /// No cycle: each leads to the next and to two anywhere behind it.
    fn dag<N: Node>(count: usize) -> Strong<N> {
        let mut random = Random(7);
        let nodes = lone::<N>(count);
        for index in 0..count - 1 {
            let behind = count - 1 - index;
            let to = [1, 1 + random.below(behind), 1 + random.below(behind)];
            *open(&nodes[index].edges().strong) = to.map(|step| nodes[index + step].clone()).into();
        }
        nodes.into_iter().next().expect("some")
    }

    fn unravel<N: Node>(root: &Strong<N>) {
        let mut next = Some(root.clone());
        while let Some(node) = next {
            let edges = std::mem::take(&mut *open(&node.edges().strong));
            next = edges.into_iter().next();
        }
    }

    /// The most that was on the heap beyond source and copy.
    struct Peaks {
        call: i64,
        session: i64,
        failures: i64,
    }

    /// Measures, and checks that nothing stays behind.
    fn peaks<N: Node>(make: fn(usize) -> Strong<N>, count: usize) -> Peaks {
        let (source, size, _) = heap(|| make(count));
        let (copy, kept, peak) = heap(|| source.deep_clone());
        assert_eq!(kept, size, "after the operation no bookkeeping is left");
        unravel(&copy);
        drop(copy);
        let call = peak - size;

        let ((mut session, copy), kept, peak) = heap(|| {
            let mut session = Session::new();
            let copy = session.deep_clone(&source).expect("nothing fails");
            (session, copy)
        });
        let session_peak = peak - size;
        let (again, kept_again, peak_again) = heap(|| session.deep_clone(&source).expect("nothing fails"));
        assert_eq!(kept_again, 0, "what is known costs nothing");
        // In case that the call fails: one edge, in a vector of four.
        assert!(peak_again <= 16, "{peak_again} bytes for one edge to what is known");
        let ((), given_back, _) = heap(|| drop(session));
        assert_eq!(kept + given_back, size, "after the session no bookkeeping is left");
        unravel(&copy);
        drop((copy, again));

        let detonator = Detonator::new();
        // It fails when all else is done.
        let pair = (source, detonator.fuse());
        let failures = [Mode::Error, Mode::Panic].map(|mode| {
            let ((), kept, peak) = heap(|| detonator.fail_at(0, mode, || pair.try_deep_clone()));
            assert_eq!(kept, 0, "a failure leaves nothing");
            peak - size
        });
        unravel(&pair.0);
        Peaks { call, session: session_peak, failures: failures[0].max(failures[1]) }
    }

    /// So many bytes a node are enough for a call and for the first call of a session, and so many for one that fails.
    #[track_caller]
    fn assert_enough<N: Node>(make: fn(usize) -> Strong<N>, counts: &[usize], calls: i64, failures: i64) {
        for count in counts {
            let peaks = peaks(make, *count);
            // Not divided: a bound of 64 would let 64.99 pass.
            let nodes = i64::try_from(*count).expect("small");
            for (peak, bound, what) in
                [(peaks.call, calls, "call"), (peaks.session, calls, "session"), (peaks.failures, failures, "failure")]
            {
                let each = peak as f64 / nodes as f64;
                assert!(peak <= bound * nodes, "{each} bytes for each of {count} nodes in a {what}, and not {bound}");
            }
        }
    }

    #[test]
    fn sixty_four_bytes_a_node_are_enough_for_any_number_of_nodes_from_a_thousand_on() {
        assert_enough(web::<Plain>, COUNTS, 64, 64);
        assert_enough(dag::<Plain>, COUNTS, 64, 64);
    }

    #[test]
    fn sixty_four_bytes_a_node_are_enough_with_user_code_on_the_way() {
        assert_enough(web::<With>, COUNTS, 64, 64);
        assert_enough(dag::<Hand>, COUNTS, 64, 64);
        assert_enough(web::<TryWith>, COUNTS, 64, 64);
        assert_enough(dag::<TryWith>, COUNTS, 64, 64);
    }
}
