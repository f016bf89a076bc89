//! The ratios that the library has to meet, workload by workload.
//!
//! `cargo run --release -p deepclone-benches --bin bars -- [--quick] [FILTER]`: a filter is a workload's name, or a prefix of it
//! that ends in `*`. The first ratio is that of the medians; the second, of the best rounds, tells how far to trust it.

use std::process::ExitCode;

use deepclone_benches::workloads::{BARRED, REAL};
use deepclone_benches::{
    Contender, Measured, Role, Rounds, keep_freed_memory, measure, on_huge_stack,
};

fn main() -> ExitCode {
    let mut rounds = Rounds::FULL;
    let mut filters = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--quick" {
            rounds = Rounds::QUICK;
        } else {
            filters.push(argument);
        }
    }
    let chosen = |id: &str| {
        filters.is_empty()
            || filters.iter().any(|filter| match filter.strip_suffix('*') {
                Some(prefix) => id.starts_with(prefix),
                None => id == filter,
            })
    };
    keep_freed_memory();
    let mut missed = 0;
    for (id, make) in BARRED.iter().chain(REAL).filter(|(id, _)| chosen(id)) {
        on_huge_stack(|| {
            let mut workload = make();
            println!("{id}: {}", workload.title);
            let results = measure(&mut workload, rounds);
            let find = |wanted: &dyn Fn(&Contender) -> bool| -> Measured {
                let index = workload.contenders.iter().position(wanted);
                index
                    .and_then(|index| results[index])
                    .expect("every workload is copied by the library and its baselines")
            };
            let ours = find(&|contender| contender.role == Role::Derived);
            for (contender, result) in workload.contenders.iter().zip(&results) {
                match (result, &contender.copy) {
                    (Some(result), _) => println!(
                        "  {:>14.1} ns  {:>12.1} best  {:>6.3} of ours / this  {}",
                        result.median,
                        result.best,
                        ours.median / result.median,
                        contender.name
                    ),
                    (None, Err(why)) => println!("  {:>14}  {}: {why}", "-", contender.name),
                    (None, Ok(_)) => unreachable!("all that can copy were measured"),
                }
            }
            for bar in &workload.bars {
                let base = find(&|contender| contender.name == bar.baseline);
                let ratio = ours.median / base.median;
                let met = ratio <= bar.ratio;
                missed += usize::from(!met);
                println!(
                    "  {} {:.3} (best rounds {:.3}) of {:.2} against {}, {} rounds",
                    if met { "  met" } else { "MISSED" },
                    ratio,
                    ours.best / base.best,
                    bar.ratio,
                    bar.baseline,
                    ours.rounds
                );
            }
        });
    }
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        println!("{missed} bars missed");
        ExitCode::FAILURE
    }
}
