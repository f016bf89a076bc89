//! The orders in which writers can take their turns: all of few threads by loom, and some that chance gives by ThreadSanitizer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::Writer;
use crate::raw::watched::Watched;
use crate::sync::model::{model, thread};

/// Versions that are numbers. A writer reads and writes them without any order of its own: the turn has to give it.
struct Versions {
    writer: Writer,
    current: Watched<usize>,
}

impl Versions {
    fn shared() -> Arc<Self> {
        Arc::new(Self {
            writer: Writer::new(),
            current: Watched::new(0),
        })
    }

    fn update(&self, inside: impl FnOnce()) {
        let turn = self.writer.enter();
        let draft = self.current.get() + 1;
        inside();
        self.current.set(draft);
        drop(turn);
    }
}

#[test]
fn no_update_is_lost() {
    model(|| {
        let versions = Versions::shared();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let versions = versions.clone();
                thread::spawn(move || versions.update(|| ()))
            })
            .collect();
        versions.update(|| ());
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(versions.current.get(), 3);
    });
}

#[test]
fn an_update_inside_an_update_panics_and_no_other_one_does() {
    model(|| {
        let versions = Versions::shared();
        let other = {
            let versions = versions.clone();
            thread::spawn(move || {
                versions.update(|| ());
                versions.update(|| ());
            })
        };
        let inner = versions.clone();
        // Caught inside, since loom's locks can't be taken again after a panic under their guards.
        versions.update(|| {
            let panicked = catch_unwind(AssertUnwindSafe(|| inner.update(|| ())));
            assert!(panicked.is_err());
        });
        other.join().unwrap();
        assert_eq!(versions.current.get(), 3);
    });
}
