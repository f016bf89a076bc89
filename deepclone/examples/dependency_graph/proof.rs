//! Clones a graph, checks the copy against the source by independent walks, edits it, frees both.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use deepclone::{DeepClone, Session, Stats};

use crate::model::{Package, Workspace};
use crate::walk::{Walk, walk};

/// Odd, so that the median is a measured one.
const ROUNDS: usize = 101;

/// Facts that were checked; one that does not hold makes no `Proof`.
pub(crate) struct Proof {
    pub(crate) root: String,
    pub(crate) packages: usize,
    pub(crate) source: Walk,
    pub(crate) copy: Walk,
    pub(crate) stats: Stats,
    /// Median of one call of `deep_clone`.
    pub(crate) time: Duration,
    pub(crate) edits: usize,
    /// Objects whose content or counts differ from the source's after the edits.
    pub(crate) moved_in_copy: usize,
    pub(crate) clone: WhatCloneDoes,
}

/// The same with `derive(Clone)`.
pub(crate) struct WhatCloneDoes {
    /// Allocations that the clone and the source both own.
    pub(crate) shared: usize,
    /// Objects of the source that changed when the clone was edited.
    pub(crate) moved_in_source: usize,
}

impl Proof {
    /// Runs everything on `source` and takes it apart.
    pub(crate) fn of(source: Rc<Workspace>) -> Result<Self, String> {
        let before = walk(&source);

        let mut session = Session::new();
        let copy = session
            .deep_clone(&source)
            .map_err(|error| error.to_string())?;
        let stats = session.stats();
        // The session owns weak counts on both graphs while it lives.
        drop(session);

        let copied = walk(&copy);
        let holds = |fact: bool, otherwise: &str| {
            if fact {
                Ok(())
            } else {
                Err(otherwise.to_owned())
            }
        };
        holds(
            walk(&source) == before,
            "the source changed when it was cloned",
        )?;
        holds(
            copied.is_isomorphic_to(&before),
            "the copy is not isomorphic to its source",
        )?;
        holds(
            copied.is_disjoint_from(&before),
            "the copy shares memory with its source",
        )?;
        holds(
            copied.counts_are_edges(),
            "counts in the copy are not its edges",
        )?;

        let edits = edit(&copy);
        let edited = walk(&copy);
        let moved_in_copy = differences(&edited, &copied);
        holds(moved_in_copy > 0, "the edits did not change the copy")?;
        holds(
            walk(&source) == before,
            "editing the copy changed the source",
        )?;

        let clone = what_clone_does(&source, &before);
        holds(
            walk(&source).is_isomorphic_to(&before),
            "the edit through `clone` was not undone",
        )?;

        let time = median_time(&source);
        let proof = Self {
            root: source.root.clone(),
            packages: source.packages.len(),
            source: before,
            copy: copied,
            stats,
            time,
            edits,
            moved_in_copy,
            clone,
        };
        holds(take_apart(copy) == 0, "packages of the copy outlived it")?;
        holds(
            take_apart(source) == 0,
            "packages of the source outlived it",
        )?;
        Ok(proof)
    }
}

/// Renames every package of a copy, drops a text of each, and removes one dependency with its way back.
fn edit(copy: &Workspace) -> usize {
    let mut edits = 0;
    for package in &copy.packages {
        let mut package = package.borrow_mut();
        package.name.push_str("-edited");
        edits += 1 + usize::from(package.texts.pop().is_some());
    }
    let with_dependency = copy.packages.iter().find(|package| {
        let package = package.borrow();
        !package.dependencies.is_empty()
    });
    if let Some(package) = with_dependency {
        let dependency = package.borrow_mut().dependencies.remove(0);
        dependency
            .borrow_mut()
            .dependents
            .retain(|dependent| !Rc::ptr_eq(dependent, package));
        edits += 1;
    }
    edits
}

/// How many allocations hold something else than before, or have other counts. What is gone counts as well.
fn differences(now: &Walk, before: &Walk) -> usize {
    let changed = now
        .objects
        .iter()
        .zip(&before.objects)
        .filter(|(now, before)| now != before)
        .count();
    changed + now.objects.len().abs_diff(before.objects.len())
}

/// Edits a `derive(Clone)` clone, looks at the source, undoes the edit.
fn what_clone_does(source: &Rc<Workspace>, before: &Walk) -> WhatCloneDoes {
    let clone = Workspace::clone(source);
    for package in &clone.packages {
        package.borrow_mut().name.push_str("-edited");
    }
    drop(clone);
    let moved_in_source = differences(&walk(source), before);
    for package in &source.packages {
        let mut package = package.borrow_mut();
        let len = package.name.len() - "-edited".len();
        package.name.truncate(len);
    }
    let clone = Rc::new(Workspace::clone(source));
    WhatCloneDoes {
        shared: walk(&clone).objects_shared_with(before),
        moved_in_source,
    }
}

fn median_time(source: &Rc<Workspace>) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let copy = source.deep_clone();
            let time = start.elapsed();
            copy.cut_cycles();
            time
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

/// Frees a graph; returns how many of its packages are alive afterwards.
fn take_apart(workspace: Rc<Workspace>) -> usize {
    let packages: Vec<Weak<RefCell<Package>>> =
        workspace.packages.iter().map(Rc::downgrade).collect();
    workspace.cut_cycles();
    drop(workspace);
    packages
        .iter()
        .filter(|package| package.strong_count() > 0)
        .count()
}
