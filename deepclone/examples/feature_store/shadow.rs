//! The shadow comparison: the derived copy and the serde copy of a user against the user itself, under its lock.

use deepclone::DeepClone;

use crate::store::{Features, User, open};

/// Relative difference that is no mismatch.
const TOLERANCE: f64 = 1e-6;
/// Mismatches that are kept with their path.
const KEPT: usize = 20;

/// How the copies compared.
#[derive(Default)]
pub(crate) struct Comparison {
    pub(crate) values: u64,
    pub(crate) mismatches: u64,
    pub(crate) paths: Vec<String>,
}

/// Compares both copies of a user.
pub(crate) fn compare(user: &User, comparison: &mut Comparison) {
    let source = open(user);
    match source.try_deep_clone() {
        Ok(copy) => comparison.features("derived", &source, &copy),
        Err(error) => comparison.mismatch(&format!("derived: {error}")),
    }
    match deepclone_serde::copy(&*source) {
        Ok(copy) => comparison.features("serde", &source, &copy),
        Err(error) => comparison.mismatch(&format!("serde: {error}")),
    }
}

impl Comparison {
    fn mismatch(&mut self, path: &str) {
        self.mismatches += 1;
        if self.paths.len() < KEPT {
            self.paths.push(path.to_string());
        }
    }

    fn same(&mut self, same: bool, path: impl FnOnce() -> String) {
        self.values += 1;
        if !same {
            self.mismatch(&path());
        }
    }

    fn close(&mut self, a: f64, b: f64, path: impl FnOnce() -> String) {
        let close = a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs());
        self.same(close, path);
    }

    fn features(&mut self, how: &str, a: &Features, b: &Features) {
        let at = |field: &str| format!("{how}: user[{}].{field}", a.user);
        self.same(a.user == b.user, || at("user"));
        self.same(a.events == b.events, || at("events"));
        self.close(a.sum, b.sum, || at("sum"));
        self.close(a.mean, b.mean, || at("mean"));
        self.close(a.variance, b.variance, || at("variance"));
        for (index, (left, right)) in a.buckets.iter().zip(&b.buckets).enumerate() {
            self.same(left == right, || at(&format!("buckets[{index}]")));
        }
        self.same(a.recent.len() == b.recent.len(), || at("recent.len()"));
        for (index, (left, right)) in a.recent.iter().zip(&b.recent).enumerate() {
            self.close(*left, *right, || at(&format!("recent[{index}]")));
        }
        self.same(
            a.merchant == b.merchant && a.merchant.as_ptr() != b.merchant.as_ptr(),
            || at("merchant"),
        );
        self.same(a.countries.len() == b.countries.len(), || {
            at("countries.len()")
        });
        for (index, (left, right)) in a.countries.iter().zip(&b.countries).enumerate() {
            self.same(left == right, || at(&format!("countries[{index}]")));
        }
    }
}
