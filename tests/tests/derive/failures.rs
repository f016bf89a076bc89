//! A field that fails or panics: nothing is left behind.

use std::cell::Cell;
use std::rc::Rc;

use deepclone::{DeepClone, Error, ErrorKind, impl_deep_clone};

use super::Tail;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Counts the living, and fails when its turn has come.
struct Tracked(#[allow(dead_code)] Box<u8>);

impl Tracked {
    fn new() -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Box::new(1))
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl_deep_clone! {
    impl for Tracked = |_tracked, _cloner| {
        let left = LEFT.get();
        LEFT.set(left.wrapping_sub(1));
        match left {
            0 => Err(Error::custom("its turn has come")),
            1000 => panic!("its turn has come"),
            _ => Ok(Tracked::new()),
        }
    }
}

#[derive(DeepClone)]
struct Parts {
    first: Tracked,
    text: String,
    #[deepclone(default = Tracked::new())]
    fresh: Tracked,
    choice: Choice,
    list: Vec<Tracked>,
    tail: Box<Tail<[Tracked]>>,
    last: Tracked,
}

#[derive(DeepClone)]
enum Choice {
    Both(Tracked, String, Tracked),
    #[allow(dead_code)]
    Neither,
}

#[test]
fn a_failure_at_any_field_leaves_nothing_behind() {
    let source = Parts {
        first: Tracked::new(),
        text: "t".to_owned(),
        fresh: Tracked::new(),
        choice: Choice::Both(Tracked::new(), "c".to_owned(), Tracked::new()),
        list: vec![Tracked::new(), Tracked::new()],
        tail: Box::new(Tail {
            head: "h".to_owned(),
            nine: 0,
            shared: Rc::from("s"),
            tail: [Tracked::new(), Tracked::new()],
        }),
        last: Tracked::new(),
    };
    let living = LIVE.get();
    for turn in 0..8 {
        LEFT.set(turn);
        let error = source.try_deep_clone().err().expect("one of them fails");
        assert_eq!(error.kind(), ErrorKind::Custom, "{turn}");
        assert_eq!(LIVE.get(), living, "{turn}");
        LEFT.set(1000 + turn);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            drop(source.try_deep_clone())
        }))
        .expect_err("one of them panics");
        assert_eq!(LIVE.get(), living, "{turn}");
    }
    LEFT.set(usize::MAX);
    let copy = source.deep_clone();
    assert_eq!(LIVE.get(), 2 * living);
    drop(copy);
    assert_eq!(LIVE.get(), living);
    assert_eq!(
        (source.text.as_str(), source.tail.head.as_str()),
        ("t", "h")
    );
}
