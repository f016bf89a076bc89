//! The table.

use std::fmt::Write;
use std::time::Duration;

use crate::cycles::Cycles;
use crate::proof::Proof;
use crate::walk::{Kind, Walk};

/// All that was found, for people.
pub(crate) fn report(proof: &Proof, cycles: &Cycles) -> String {
    let mut out = String::new();
    write(&mut out, proof, cycles).expect("a String takes all text");
    out
}

fn write(out: &mut String, proof: &Proof, copied: &Cycles) -> std::fmt::Result {
    let cycles = Cycles::of(&proof.source);
    let (source, copy) = (&proof.source, &proof.copy);
    writeln!(out, "package graph of {}\n", proof.root)?;
    writeln!(out, "{:<34}{:>10}{:>10}", "", "source", "copy")?;
    let mut row =
        |what: &str, source: usize, copy: usize| writeln!(out, "{what:<34}{source:>10}{copy:>10}");
    for (what, kind) in [
        ("packages", Kind::Package),
        ("licences, Rc<dyn License>", Kind::Licence),
        ("licence texts, Rc<str>", Kind::Text),
    ] {
        row(what, source.count(kind), copy.count(kind))?;
    }
    row(
        "objects: all Rc allocations",
        source.objects.len(),
        copy.objects.len(),
    )?;
    row("strong edges", source.strong_edges(), copy.strong_edges())?;
    row("weak edges", weak_edges(source), weak_edges(copy))?;
    row("objects on strong cycles", cycles.objects, copied.objects)?;
    row("knots of strong cycles", cycles.knots, copied.knots)?;
    row(
        "cycles: edges that close one",
        cycles.closing_edges(),
        copied.closing_edges(),
    )?;

    let stats = &proof.stats;
    writeln!(out)?;
    for (what, count) in [
        ("objects", stats.objects),
        ("shared edges", stats.shared_edges),
        ("cycles", stats.cycles),
        ("deferred", stats.deferred),
        ("bytes", stats.bytes),
    ] {
        writeln!(out, "{:<34}{count:>10}", format!("Session::stats: {what}"))?;
    }
    let per_object = proof.time.as_nanos() / source.objects.len() as u128;
    writeln!(
        out,
        "{:<34}{:>10}",
        "time of a deep_clone, median",
        micros(proof.time)
    )?;
    writeln!(
        out,
        "{:<34}{:>10}",
        "per object",
        format!("{per_object} ns")
    )?;

    writeln!(out)?;
    writeln!(
        out,
        "isomorphic   {} objects and {} edges pair up, contents and counts equal",
        source.objects.len(),
        source.edges.len()
    )?;
    writeln!(out, "disjoint     no allocation in common")?;
    writeln!(
        out,
        "unmoved      {} edits changed {} objects of the copy and 0 of the source",
        proof.edits, proof.moved_in_copy
    )?;
    writeln!(
        out,
        "freed        0 of {} packages outlive their graphs",
        2 * proof.packages
    )?;
    writeln!(
        out,
        ".clone()     copies {} object and shares {}; renaming packages through it changed {} objects of the source",
        source.objects.len() - proof.clone.shared,
        proof.clone.shared,
        proof.clone.moved_in_source
    )
}

fn weak_edges(walk: &Walk) -> usize {
    walk.edges.len() - walk.strong_edges()
}

fn micros(time: Duration) -> String {
    format!("{:.1} us", time.as_secs_f64() * 1e6)
}
