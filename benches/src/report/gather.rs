//! Measures everything that the report shows.

use std::time::Duration;

use crate::clock::{Measured, Rounds, measure};
use crate::compile::{self, Compiled};
use crate::contender::{Contender, Role};
use crate::foreign::{self, Foreign};
use crate::growth::{self, GROWING, SIZES, Step};
use crate::heap::{self, Heap};
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

/// Measures everything, telling `progress` beforehand what comes, and how many such calls there will be.
pub fn gather(extent: Extent, command: String, progress: &mut dyn FnMut(usize, &str)) -> Report {
    let (rounds, sizes) = match extent {
        Extent::Quick => (Rounds::QUICK, &SIZES[..3]),
        Extent::Full => (Rounds::FULL, &SIZES[..]),
    };
    let total = BARRED.len() + REAL.len() + GROWING.len() * sizes.len() + 2;
    let mut next = |what: &str| progress(total, what);
    let machine = Machine::here();
    let mut rows = Vec::new();
    for (id, make) in BARRED.iter().chain(REAL) {
        next(id);
        rows.push(on_huge_stack(|| {
            let mut workload = make();
            add_floor(&mut workload.contenders);
            let heaps: Vec<Heap> = workload
                .contenders
                .iter_mut()
                .map(|contender| match &mut contender.copy {
                    Ok(copy) => heap::count(&mut **copy),
                    Err(_) => Heap::default(),
                })
                .collect();
            let times = measure(&mut workload, rounds);
            let seats = workload.contenders.into_iter().zip(times).zip(heaps);
            Row {
                id,
                title: workload.title,
                why: workload.why,
                seats: seats
                    .map(|((contender, time), heap)| Seat {
                        role: contender.role,
                        name: contender.name,
                        outcome: match (contender.copy, time) {
                            (Ok(_), Some(time)) => Ok((time, heap)),
                            (Ok(_), None) => Err("it was not measured".to_owned()),
                            (Err(why), _) => Err(why),
                        },
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
            steps.push(growing.step(nodes, few));
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
    Report {
        machine,
        command,
        extent,
        rows,
        growth,
        foreign,
        compiled,
    }
}

/// Adds the allocations of the library's copy, filled by `memcpy`.
fn add_floor(contenders: &mut Vec<Contender>) {
    let derived = contenders
        .iter_mut()
        .find(|contender| contender.role == Role::Derived);
    if let Some(Contender { copy: Ok(copy), .. }) = derived {
        let copy = Ok(heap::floor(&mut **copy));
        contenders.push(Contender {
            role: Role::Floor,
            name: "its allocations, memcpy",
            copy,
        });
    }
}
