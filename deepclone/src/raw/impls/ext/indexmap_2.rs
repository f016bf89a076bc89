//! `indexmap` 2: maps and sets that keep the order of insertion, also in the copy.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::ptr::NonNull;

use indexmap::map::Entry;
use indexmap::{IndexMap, IndexSet};

use super::super::hashed::{hashed_map, hashed_set};
use super::super::maps::{keyed, map_by_clone, set_by_clone, sweep_keys, sweep_pairs};
use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::keyed::{Asks, ByClone, KeyIsClone, Keyed, Listed, may_clone_whole, place_keyed};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

hashed_map!(IndexMap, Entry, (..));
hashed_set!(IndexSet, (..));
