//! The ratios that the library has to meet, workload by workload.
//!
//! `cargo run --release -p deepclone-benches --bin bars -- [--quick] [--one-process] [FILTER]`: a filter is a workload's name, or a
//! prefix of it that ends in `*`. The first ratio is that of the medians; the second, of the best rounds, tells how far to trust it.
//!
//! Each workload has a process of its own, since the heap that one leaves behind changes the next: after a large graph was dropped, what W11
//! allocates lies all over it. With `--one-process` they share one.

use std::process::{Command, ExitCode};

use deepclone_benches::workloads::{BARRED, REAL};
use deepclone_benches::{
    Contender, Measured, Role, Rounds, keep_freed_memory, measure, on_huge_stack,
};

fn main() -> ExitCode {
    let mut quick = false;
    let mut one_process = false;
    let mut filters = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => quick = true,
            "--one-process" => one_process = true,
            _ => filters.push(argument),
        }
    }
    let is_chosen = |id: &str| {
        filters.is_empty()
            || filters.iter().any(|filter| match filter.strip_suffix('*') {
                Some(prefix) => id.starts_with(prefix),
                None => id == filter,
            })
    };
    let all = BARRED.iter().chain(REAL).map(|(id, _)| *id);
    let chosen: Vec<&str> = all.filter(|id| is_chosen(id)).collect();
    if chosen.is_empty() {
        eprintln!("no workload has such a name");
        return ExitCode::from(2);
    }
    let missed = if one_process || chosen.len() == 1 {
        let rounds = if quick { Rounds::QUICK } else { Rounds::FULL };
        keep_freed_memory();
        chosen.iter().map(|id| missed_by(id, rounds)).sum()
    } else {
        let program = std::env::current_exe().expect("this program has a path");
        let misses = |id: &&&str| {
            let mut command = Command::new(&program);
            command.arg(id).args(quick.then_some("--quick"));
            !command.status().expect("it runs once more").success()
        };
        chosen.iter().filter(misses).count()
    };
    if missed == 0 {
        ExitCode::SUCCESS
    } else if chosen.len() == 1 {
        ExitCode::FAILURE
    } else {
        println!("{missed} missed");
        ExitCode::FAILURE
    }
}

/// Measures a workload and tells how many of its bars it has missed.
fn missed_by(id: &str, rounds: Rounds) -> usize {
    let (_, make) = BARRED
        .iter()
        .chain(REAL)
        .find(|(other, _)| *other == id)
        .expect("a name of the list");
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
        let mut missed = 0;
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
        missed
    })
}
