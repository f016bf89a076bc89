//! The graph: packages that own each other in both directions, and what they share.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use deepclone::DeepClone;

use crate::licence::License;

/// A package as the graph holds it.
pub(crate) type Shared = Rc<RefCell<Package>>;

/// Every package that `cargo metadata` resolves for one manifest.
#[derive(Clone, DeepClone)]
pub(crate) struct Workspace {
    pub(crate) root: String,
    pub(crate) packages: Vec<Shared>,
    /// Those of `packages` that are the workspace's own.
    pub(crate) members: Vec<Shared>,
}

/// One package. It owns its dependencies, they own it: each dependency is a cycle of strong edges.
#[derive(Clone, DeepClone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) dependencies: Vec<Shared>,
    pub(crate) dependents: Vec<Shared>,
    pub(crate) workspace: Weak<Workspace>,
    /// One object for all packages under the same terms.
    pub(crate) licence: Rc<dyn License>,
    /// One allocation for all packages that ship the same text.
    pub(crate) texts: Vec<Rc<str>>,
}

impl Package {
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

impl Workspace {
    /// Cuts the strong edges between packages, so that the graph is freed with its last handle.
    pub(crate) fn cut_cycles(&self) {
        for package in &self.packages {
            let (dependencies, dependents) = {
                let mut package = package.borrow_mut();
                (
                    std::mem::take(&mut package.dependencies),
                    std::mem::take(&mut package.dependents),
                )
            };
            drop((dependencies, dependents));
        }
    }
}
