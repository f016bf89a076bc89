//! Benches for day-to-day work: `cargo bench -p deepclone-benches --no-default-features -- W8/`.
//!
//! The library and what it is compared with, workload by workload, with the drop of the copies outside. One runs after the other and
//! in wall-clock time: good for a look at what a change does, while `--bin bars` decides.

use std::time::{Duration, Instant};

use criterion::Criterion;
use deepclone_benches::workloads::{BARRED, REAL};
use deepclone_benches::{Copying, Role, keep_freed_memory, on_huge_stack};

/// Copies that live at once.
const COPIES: u64 = 64;

fn time(copy: &mut dyn Copying, copies: u64) -> Duration {
    let mut taken = Duration::ZERO;
    let mut left = copies;
    while left > 0 {
        let some = left.min(COPIES);
        let begun = std::cell::Cell::new(Instant::now());
        copy.run(
            some as usize,
            &mut || begun.set(Instant::now()),
            &mut || {
                taken += begun.get().elapsed();
            },
        );
        left -= some;
    }
    taken
}

fn main() {
    keep_freed_memory();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    let filter = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    for (id, make) in BARRED.iter().chain(REAL) {
        // Some take seconds to build: not when they are not asked for.
        let wanted = filter.as_deref().is_none_or(|filter| {
            let workload = filter.split('/').next().unwrap_or_default();
            workload.is_empty() || id.contains(workload)
        });
        if !wanted {
            continue;
        }
        on_huge_stack(|| {
            let mut group = criterion.benchmark_group(*id);
            for contender in make().contenders {
                let compared = matches!(contender.role, Role::Derived | Role::Clone | Role::ByHand);
                if let Ok(mut copy) = contender.copy
                    && compared
                {
                    group.bench_function(contender.name, |bencher| {
                        bencher.iter_custom(|copies| time(&mut *copy, copies));
                    });
                }
            }
            group.finish();
        });
    }
    criterion.final_summary();
}
