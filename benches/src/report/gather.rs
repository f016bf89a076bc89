//! Measures everything that the report shows.

use std::fmt::Display;
use std::io::{self, BufWriter};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::clock::{Measured, Rounds, measure};
use crate::compile::{self, Compiled};
use crate::contender::{Contender, Role};
use crate::floor::{floor, heap_of};
use crate::foreign::{self, Foreign};
use crate::growth::{self, GROWING, SIZES, Step};
use crate::heap::{Counter, Counts, Heap};
use crate::machine::Machine;
use crate::stack::on_huge_stack;
use crate::workload::Bar;
use crate::workloads::{BARRED, REAL};

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Enough for a look, in less than a minute.
    Quick,
    /// Everything.
    Full,
}

/// What a quick look may take, with time left to draw.
const QUICK: Duration = Duration::from_secs(34);

/// Shares out the time of a report among its steps.
struct Pace {
    /// When the last step has to be done, if ever.
    end: Option<Instant>,
    steps: usize,
}

impl Pace {
    fn new(extent: Extent, steps: usize) -> Self {
        let end = (extent == Extent::Quick).then(|| Instant::now() + QUICK);
        Self { end, steps }
    }

    /// The rounds of the next step: fewer where the steps before took more than their share, a single one where all time is used
    /// up. A third of a step's share is for building its value and for counting.
    fn next(&mut self, rounds: Rounds) -> Rounds {
        let steps = self.steps.max(1);
        self.steps = steps - 1;
        let Some(end) = self.end else {
            return rounds;
        };
        let share = end.saturating_duration_since(Instant::now()) / steps as u32 * 2 / 3;
        Rounds {
            least: if share < rounds.budget {
                1
            } else {
                rounds.least
            },
            budget: rounds.budget.min(share),
            ..rounds
        }
    }
}

/// A contender in a workload.
pub struct Seat {
    /// What it stands for.
    pub role: Role,
    /// Its name.
    pub name: &'static str,
    /// Its time and what it asked of the heap, or why it took no part.
    pub outcome: Result<(Measured, Heap), String>,
}

/// A workload, measured.
pub struct Row {
    /// Its short name.
    pub id: &'static str,
    /// What the value is.
    pub title: &'static str,
    /// What it stands for.
    pub why: &'static str,
    /// Those who copied it, and those who could not.
    pub seats: Vec<Seat>,
    /// What the library has to meet.
    pub bars: Vec<Bar>,
}

impl Row {
    /// The time of the first contender for which `wanted` holds.
    fn time(&self, wanted: impl Fn(&Seat) -> bool) -> Option<f64> {
        let able = self.seats.iter().filter(|seat| wanted(seat));
        let mut times = able.filter_map(|seat| Some(seat.outcome.as_ref().ok()?.0.median));
        times.next()
    }

    /// The time of the first contender in a role.
    pub fn time_of(&self, role: Role) -> Option<f64> {
        self.time(|seat| seat.role == role)
    }

    /// The library's time over that of the contender called `name`.
    pub fn against(&self, name: &str) -> Option<f64> {
        Some(self.time_of(Role::Derived)? / self.time(|seat| seat.name == name)?)
    }

    /// Whom the library is compared with first: the contender of the first bar, or `Clone`, or what is written by hand.
    pub fn baseline(&self) -> &'static str {
        let named = self.bars.first().map(|bar| bar.baseline);
        let able = |role| {
            let mut seats = self.seats.iter();
            seats.find(|seat| seat.role == role && seat.outcome.is_ok())
        };
        named
            .or_else(|| Some(able(Role::Clone).or_else(|| able(Role::ByHand))?.name))
            .expect("every workload has something to compare with")
    }

    /// What the library asked of the heap.
    pub fn heap(&self) -> Heap {
        let mut seats = self.seats.iter();
        let ours = seats.find(|seat| seat.role == Role::Derived);
        ours.and_then(|seat| Some(seat.outcome.as_ref().ok()?.1))
            .unwrap_or_default()
    }
}

/// How a value's cost grows with its size.
pub struct Growth {
    /// The value's name.
    pub name: &'static str,
    /// By size.
    pub steps: Vec<Step>,
}

/// All of it.
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// How: the command that makes it again.
    pub command: String,
    /// How much.
    pub extent: Extent,
    /// The workloads.
    pub rows: Vec<Row>,
    /// Growing values.
    pub growth: Vec<Growth>,
    /// Other languages.
    pub foreign: Vec<Foreign>,
    /// What the derive costs the compiler, or why that is not known.
    pub compiled: Result<Vec<Compiled>, String>,
}

impl Report {
    /// The steps whose cost isn't linear, in a sentence each.
    pub fn faults(&self) -> Vec<String> {
        let all = self
            .growth
            .iter()
            .flat_map(|growth| growth.steps.iter().map(move |step| (growth.name, step)));
        all.filter_map(|(name, step)| {
            let flag = step.flag.as_ref().filter(|flag| flag.is_fault())?;
            Some(format!("{name}, {} nodes: {flag}", step.nodes))
        })
        .collect()
    }
}

/// Measures everything, telling `progress` beforehand what comes, and how many such calls there will be.
///
/// # Errors
///
/// If the program that counts can't be built, or one of the programs that measure or count a part fails.
pub fn gather(
    extent: Extent,
    command: String,
    progress: &mut dyn FnMut(usize, &str),
) -> Result<Report, String> {
    let (rounds, sizes) = match extent {
        Extent::Quick => (Rounds::QUICK, &SIZES[..3]),
        Extent::Full => (Rounds::FULL, &SIZES[..]),
    };
    let total = BARRED.len() + REAL.len() + GROWING.len() * sizes.len() + 3;
    let mut next = |what: &str| progress(total, what);
    next("building the program that counts");
    let counter = Counter::build()?;
    let mut pace = Pace::new(
        extent,
        BARRED.len() + REAL.len() + GROWING.len() * sizes.len(),
    );
    let machine = Machine::here();
    let mut rows = Vec::new();
    for (id, make) in BARRED.iter().chain(REAL) {
        next(id);
        let rounds = pace.next(rounds);
        let outcomes = measure_elsewhere(id, rounds, counter.workload(id)?)?;
        rows.push(on_huge_stack(|| {
            let mut workload = make();
            add_floor(&mut workload.contenders, &[]);
            let seats = workload.contenders.into_iter().zip(outcomes);
            Row {
                id,
                title: workload.title,
                why: workload.why,
                seats: seats
                    .map(|(contender, outcome)| Seat {
                        role: contender.role,
                        name: contender.name,
                        outcome,
                    })
                    .collect(),
                bars: workload.bars,
            }
        }));
    }
    let mut growth = Vec::new();
    let few = Rounds {
        least: 3,
        most: 1000,
        budget: Duration::from_millis(if extent == Extent::Quick { 100 } else { 1500 }),
    };
    for growing in GROWING {
        let mut steps = Vec::new();
        for &nodes in sizes {
            next(&format!("{}, {nodes} nodes", growing.name));
            steps.push(growing.step(nodes, pace.next(few), &counter)?);
        }
        growth::judge(&mut steps, &machine.caches);
        growth.push(Growth {
            name: growing.name,
            steps,
        });
    }
    next("other languages");
    let foreign = match extent {
        Extent::Quick => foreign::left_out("left out by --quick"),
        Extent::Full => foreign::measure(),
    };
    next("the compiler");
    let compiled = match extent {
        Extent::Quick => Err("left out by --quick".to_owned()),
        Extent::Full => compile::measure(),
    };
    Ok(Report {
        machine,
        command,
        extent,
        rows,
        growth,
        foreign,
        compiled,
    })
}

/// What one contender needs, or why it took no part.
type Outcome = Result<(Measured, Heap), String>;

/// Measures a workload in a process of its own, which [`measure_here`] answers for: the heap that one leaves behind changes the next.
fn measure_elsewhere(id: &str, rounds: Rounds, counts: Counts) -> Result<Vec<Outcome>, String> {
    let failed = |error: &dyn Display| format!("{id} was not measured: {error}");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let rounds = serde_json::to_string(&rounds).map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .args([WORKLOAD, id, &rounds])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(input) = child.stdin.take() {
        serde_json::to_writer(BufWriter::new(input), &counts.blocks)
            .map_err(|error| failed(&error))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    let times: Vec<Result<Measured, String>> = serde_json::from_slice(&output.stdout)
        .map_err(|error| failed(&format!("{}: {error}", output.status)))?;
    let heaps = counts.heaps.into_iter().chain([heap_of(&counts.blocks)]);
    let outcomes = times.into_iter().zip(heaps);
    Ok(outcomes
        .map(|(time, heap)| time.map(|time| (time, heap)))
        .collect())
}

/// The option under which the report's program measures one workload.
pub const WORKLOAD: &str = "--workload";

/// Measures one workload and prints what comes of it, for [`gather`] in another process, which writes the sizes of the copy's blocks.
///
/// # Errors
///
/// If there is no such workload, or the rounds or the sizes are not as `gather` writes them.
pub fn measure_here(id: &str, rounds: &str) -> Result<(), String> {
    let rounds: Rounds = serde_json::from_str(rounds).map_err(|error| error.to_string())?;
    let blocks: Vec<usize> =
        serde_json::from_reader(io::stdin().lock()).map_err(|error| error.to_string())?;
    let all = BARRED.iter().chain(REAL);
    let (_, make) = { all }
        .find(|(other, _)| *other == id)
        .ok_or_else(|| format!("no workload is called `{id}`"))?;
    let outcomes = on_huge_stack(|| {
        let mut workload = make();
        add_floor(&mut workload.contenders, &blocks);
        drop(blocks);
        let times = measure(&mut workload, rounds);
        let seats = workload.contenders.into_iter().zip(times);
        seats
            .map(|(contender, time)| match (contender.copy, time) {
                (Ok(_), Some(time)) => Ok(time),
                (Ok(_), None) => Err("it was not measured".to_owned()),
                (Err(why), _) => Err(why),
            })
            .collect::<Vec<Result<Measured, String>>>()
    });
    let text = serde_json::to_string(&outcomes).map_err(|error| error.to_string())?;
    println!("{text}");
    Ok(())
}

/// Adds the allocations of the library's copy, filled by `memcpy`.
fn add_floor(contenders: &mut Vec<Contender>, blocks: &[usize]) {
    contenders.push(Contender {
        role: Role::Floor,
        name: "its allocations, memcpy",
        copy: Ok(floor(blocks)),
    });
}
