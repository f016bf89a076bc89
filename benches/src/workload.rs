//! A workload: a value that stands for something real, and those who copy it.

use std::rc::Rc;

use serde::{Serialize, de::DeserializeOwned};

use crate::contender::{Contender, Role, copying};
use crate::description::Description;

/// A value that stands for something real, and those who copy it.
pub struct Workload {
    /// A short name, `W1`.
    pub id: &'static str,
    /// What the value is.
    pub title: &'static str,
    /// What in the world it stands for.
    pub why: &'static str,
    /// Those who copy it.
    pub contenders: Vec<Contender>,
    /// What the library has to meet.
    pub bars: Vec<Bar>,
}

/// A bound on the library's time over a contender's.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// The contender's name.
    pub baseline: &'static str,
    /// The largest ratio that will do.
    pub ratio: f64,
}

/// Gathers the contenders of a workload over one value.
pub struct Builder<T> {
    pub(crate) source: Rc<T>,
    pub(crate) retire: fn(T),
    describe: Option<fn(&T) -> Description>,
    pub(crate) workload: Workload,
}

/// What the tables call `Clone`.
pub const CLONE: &str = "Clone";
/// Why a copy with a memo makes no sense.
pub(crate) const UNSHARED: &str =
    "everything has one owner, so nothing would ever be found in a memo";
/// What the tables call the crate called `deepclone` on crates.io.
pub const PEER: &str = "deepclone 0.3.2";

impl<T: 'static> Builder<T> {
    /// A workload over `source`.
    pub fn new(id: &'static str, title: &'static str, why: &'static str, source: T) -> Self {
        Self {
            source: Rc::new(source),
            retire: drop,
            describe: None,
            workload: Workload {
                id,
                title,
                why,
                contenders: Vec::new(),
                bars: Vec::new(),
            },
        }
    }

    /// How a copy is got rid of where dropping it isn't enough: cycles have to be cut.
    pub fn retire(mut self, retire: fn(T)) -> Self {
        self.retire = retire;
        self
    }

    /// How a test tells what a copy is like. What copies it comes after this.
    pub fn described(mut self, describe: fn(&T) -> Description) -> Self {
        self.describe = Some(describe);
        self
    }

    pub(crate) fn contender(
        mut self,
        role: Role,
        name: &'static str,
        copy: impl Fn(&T) -> T + 'static,
    ) -> Self {
        let copy = Ok(copying(&self.source, copy, self.retire, self.describe));
        self.workload
            .contenders
            .push(Contender { role, name, copy });
        self
    }

    /// `deepclone_serde` can't copy this value, and why.
    pub fn not_through_serde(self, why: &'static str) -> Self {
        self.unable(Role::Serde, "serde, any codec", why)
    }

    /// This library.
    pub fn derived(self, copy: impl Fn(&T) -> T + 'static) -> Self {
        self.contender(Role::Derived, "deepclone", copy)
    }

    /// A copy written by hand.
    pub fn by_hand(self, name: &'static str, copy: impl Fn(&T) -> T + 'static) -> Self {
        self.contender(Role::ByHand, name, copy)
    }

    /// The crate called `deepclone` on crates.io.
    pub fn peer(self, copy: impl Fn(&T) -> T + 'static) -> Self {
        self.contender(Role::Peer, PEER, copy)
    }

    /// Nothing is written by hand: it would be what `Clone` does, with or without a memo.
    pub fn by_hand_is_clone(self) -> Self {
        self.unable(
            Role::ByHand,
            "by hand, no memo",
            "what one would write is what Clone does",
        )
        .unable(Role::ByHand, "by hand, Fx memo", UNSHARED)
    }

    /// A contender that can't copy this value, and why.
    pub fn unable(mut self, role: Role, name: &'static str, why: &'static str) -> Self {
        self.workload.contenders.push(Contender {
            role,
            name,
            copy: Err(why.to_owned()),
        });
        self
    }

    /// What the library has to meet.
    pub fn bar(mut self, baseline: &'static str, ratio: f64) -> Self {
        self.workload.bars.push(Bar { baseline, ratio });
        self
    }

    /// All of it.
    pub fn build(self) -> Workload {
        self.workload
    }
}

impl<T: Clone + 'static> Builder<T> {
    /// `Clone`.
    pub fn cloned(self) -> Self {
        self.contender(Role::Clone, CLONE, T::clone)
    }
}

impl<T: peer::DeepClone + 'static> Builder<T> {
    /// The crate called `deepclone` on crates.io, as it comes.
    pub fn peer_plain(self) -> Self {
        self.peer(|source| peer::DeepClone::deep_clone(source))
    }
}

impl<T: deepclone::DeepClone + 'static> Builder<T> {
    /// This library, as it comes.
    pub fn deep_cloned(self) -> Self {
        self.derived(|source| deepclone::DeepClone::deep_clone(source))
    }
}

impl<T> Builder<T>
where
    T: Clone + peer::DeepClone + deepclone::DeepClone + Serialize + DeserializeOwned + 'static,
{
    /// Those who copy what has one owner throughout: each of them does, as it comes.
    pub(crate) fn copied_by_everyone(self) -> Self {
        self.cloned()
            .by_hand_is_clone()
            .deep_cloned()
            .peer_plain()
            .through_serde()
    }
}
