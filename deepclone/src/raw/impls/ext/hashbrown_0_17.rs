//! `hashbrown` 0.17: the maps and sets behind those of the standard library.

use alloc::vec::Vec;
use core::hash::{BuildHasher, Hash};
use core::ptr::NonNull;

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};

use super::super::hashed::{hashed_map, hashed_set};
use super::super::maps::{keyed, map_by_clone, set_by_clone, sweep_keys, sweep_pairs};
use crate::cloner::Engine;
use crate::raw::erased::Meta;
use crate::raw::keyed::{Asks, ByClone, KeyIsClone, Keyed, Listed, may_clone_whole, place_keyed};
use crate::raw::sweep::Sweep;
use crate::raw::traits::{CloneVisitor, DeepClone, Placed, Sweeper};

hashed_map!(HashMap, Entry, (), reserve);
hashed_set!(HashSet, ());
