//! Copies the value of a workload a few times, for a tool that counts instructions: `instructions W8`. See `instructions.sh`.

use std::process::ExitCode;

use deepclone_benches::workloads::BARRED;
use deepclone_benches::{Role, on_huge_stack};

/// Copies: the first ones also map memory and find the stack's limits.
const COPIES: usize = 3;

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let Some((_, make)) = BARRED.iter().find(|(id, _)| *id == wanted) else {
        eprintln!("usage: instructions WORKLOAD");
        return ExitCode::from(2);
    };
    on_huge_stack(|| {
        let workload = make();
        let ours = workload
            .contenders
            .into_iter()
            .find(|contender| contender.role == Role::Derived);
        if let Some(Ok(mut copy)) = ours.map(|contender| contender.copy) {
            for _ in 0..COPIES {
                copy.run(1, &mut || (), &mut || ());
            }
        }
    });
    ExitCode::SUCCESS
}
