//! The memo: from the address of a source allocation to its entry.
//!
//! A table (`slots`) over entries in two lists: `known` in one row, for hits, and `facts` in chunks. What a hit needs, two words, lies apart from
//! what only the rest of the engine needs. The first few entries do without the table. An entry costs 32 bytes plus 6 to 13 for its slot, 11 to 22 in a small table. All grow by steps so small that
//! the peak, while one of them is being moved, stays below 64 bytes a node, from a thousand nodes on.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use super::arena::Arena;
pub(crate) use super::slots::Probe;
use super::slots::{Slots, Vacancy, View};
use crate::raw::entry::{Entry, Facts, Hit, Known, State};

/// The first entries need no table: as long as there are no more, those of them that are to be found are gone through.
const FEW: usize = 8;

/// The entries of an operation, if it has any: most that copy flat values have none, and nothing is written for them.
pub(crate) struct Memo(Option<Entries>);

const NONE: &Entries = &Entries::new();

#[cold]
#[inline(never)]
fn none() -> &'static Entries {
    NONE
}

#[cold]
#[inline(never)]
fn first(memo: &mut Option<Entries>) -> &mut Entries {
    memo.insert(Entries::new())
}

impl Deref for Memo {
    type Target = Entries;

    #[inline(always)]
    fn deref(&self) -> &Entries {
        match &self.0 {
            Some(entries) => entries,
            None => none(),
        }
    }
}

impl DerefMut for Memo {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Entries {
        match &mut self.0 {
            Some(entries) => entries,
            none => first(none),
        }
    }
}

impl Memo {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Nothing was ever entered, nor looked for in a way that allocates.
    #[inline(always)]
    pub(crate) fn is_fresh(&self) -> bool {
        self.0.is_none()
    }

    /// A first look at a source.
    #[inline(always)]
    pub(crate) fn hit(&self, key: *const ()) -> Hit {
        match &self.0 {
            Some(entries) if !entries.by_source.slots.is_empty() => entries.looks().hit(key),
            _ => self.hit_of_few(key),
        }
    }

    #[inline(never)]
    fn hit_of_few(&self, key: *const ()) -> Hit {
        match &self.0 {
            Some(entries) if entries.has_few => entries.hit_of_few(key),
            _ => Hit::Vacant,
        }
    }
}

/// All entries of an operation.
pub(crate) struct Entries {
    known: Vec<Known>,
    facts: Arena<Facts>,
    by_source: Slots,
    /// Whether one of the first can be found though there is no table.
    has_few: bool,
    /// From the address of a copy to its entry, once somebody asks.
    by_copy: Option<Box<Slots>>,
}

/// First looks at many sources.
struct Looks<'m> {
    by_source: View<'m>,
    known: &'m [Known],
}

impl Looks<'_> {
    #[inline(always)]
    fn hit(&self, key: *const ()) -> Hit {
        let known = self.known;
        let probe = self
            .by_source
            .probe(key.addr(), |id| known[id as usize].is_of(key));
        match probe {
            Probe::Found(id) => known[id as usize].as_hit(),
            Probe::Vacant(_) => Hit::Vacant,
        }
    }
}

impl Entries {
    const fn new() -> Self {
        Self {
            known: Vec::new(),
            facts: Arena::new(),
            by_source: Slots::new(),
            has_few: false,
            by_copy: None,
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> u32 {
        self.known.len() as u32
    }

    /// An entry as it is now.
    #[inline]
    pub(crate) fn entry(&self, id: u32) -> Entry {
        Entry::join(self.known[id as usize], *self.facts.get(id))
    }

    #[inline]
    pub(crate) fn state(&self, id: u32) -> State {
        self.facts.get(id).state()
    }

    #[inline]
    pub(crate) fn set_state(&mut self, id: u32, state: State) {
        self.facts.get_mut(id).set_state(state);
        self.known[id as usize].set_class(state);
    }

    /// An entry, in another state from now on.
    #[inline]
    pub(crate) fn put_into(&mut self, id: u32, state: State) -> Entry {
        let facts = self.facts.get_mut(id);
        facts.set_state(state);
        let known = &mut self.known[id as usize];
        known.set_class(state);
        Entry::join(*known, *facts)
    }

    /// Gives an entry another copy, or none.
    pub(crate) fn set_copy(&mut self, id: u32, copy: *mut u8) {
        self.unindex_copy(id);
        let state = self.state(id);
        self.known[id as usize].set_copy(copy, state);
        self.index_copy(id);
    }

    /// Begins an entry anew. It stays where it is found.
    pub(crate) fn replace(&mut self, id: u32, entry: Entry) {
        self.unindex_copy(id);
        let keyed = self.facts.get(id).is_keyed();
        let (known, mut facts) = entry.split();
        facts.set_keyed(keyed);
        self.known[id as usize] = known;
        *self.facts.get_mut(id) = facts;
        self.index_copy(id);
    }

    #[inline]
    fn hit_of_few(&self, key: *const ()) -> Hit {
        match self.find_in_few(key) {
            Some(id) => self.known[id as usize].as_hit(),
            None => Hit::Vacant,
        }
    }

    /// Looks a source up as long as there is no table. Whatever is entered later gets one.
    #[inline]
    fn find_in_few(&self, key: *const ()) -> Option<u32> {
        let mut first = (0..FEW as u32).zip(&self.known);
        let found = first.find(|(id, known)| known.is_of(key) && self.facts.get(*id).is_keyed());
        found.map(|(id, _)| id)
    }

    /// For first looks at many sources. The memo must not be empty.
    #[inline(always)]
    fn looks(&self) -> Looks<'_> {
        Looks {
            by_source: self.by_source.view(),
            known: &self.known,
        }
    }

    /// First looks at the sources of a row, up to the first that has no copy to which an edge only has to be added. Answers how many it took.
    #[inline(always)]
    pub(crate) fn hits<P>(
        &self,
        row: &[P],
        key_of: impl Fn(&P) -> *const (),
        mut add: impl FnMut(usize, &P, *mut u8),
    ) -> usize {
        if self.by_source.slots.is_empty() {
            return if self.has_few {
                self.hits_of_few(row, key_of, add)
            } else {
                0
            };
        }
        let looks = self.looks();
        for (index, edge) in row.iter().enumerate() {
            let Hit::Copy { copy, .. } = looks.hit(key_of(edge)) else {
                return index;
            };
            add(index, edge, copy);
        }
        row.len()
    }

    #[cold]
    fn hits_of_few<P>(
        &self,
        row: &[P],
        key_of: impl Fn(&P) -> *const (),
        mut add: impl FnMut(usize, &P, *mut u8),
    ) -> usize {
        for (index, edge) in row.iter().enumerate() {
            let Hit::Copy { copy, .. } = self.hit_of_few(key_of(edge)) else {
                return index;
            };
            add(index, edge, copy);
        }
        row.len()
    }

    /// Looks a source up.
    #[inline]
    pub(crate) fn probe(&mut self, key: *const ()) -> Probe {
        if self.known.len() < FEW && self.by_source.slots.is_empty() {
            return self.probe_few(key);
        }
        while !self.by_source.takes(self.known.len()) {
            let (known, facts) = (&self.known, &self.facts);
            let keyed = (0..known.len() as u32).filter(|id| facts.get(*id).is_keyed());
            self.by_source
                .grow(keyed.map(|id| (id, known[id as usize].key().addr())));
        }
        let known = &self.known;
        self.by_source
            .view()
            .probe(key.addr(), |id| known[id as usize].is_of(key))
    }

    #[inline(never)]
    fn probe_few(&self, key: *const ()) -> Probe {
        match self.find_in_few(key) {
            Some(id) => Probe::Found(id),
            None => Probe::Vacant(Vacancy::NOWHERE),
        }
    }

    /// Adds the entry of a source that `probe` has not found.
    #[inline]
    pub(crate) fn insert(&mut self, vacancy: &Vacancy, entry: Entry) -> u32 {
        let id = self.insert_unkeyed(entry);
        self.set_keyed(id, vacancy);
        id
    }

    /// Adds the entry of a source that nobody has to find, for now.
    #[inline]
    pub(crate) fn insert_unkeyed(&mut self, entry: Entry) -> u32 {
        let (known, facts) = entry.split();
        let id = self.len();
        if self.known.len() == self.known.capacity() {
            self.make_room();
        }
        self.known.push(known);
        self.facts.push(id, facts);
        if self.by_copy.is_some() {
            self.index_copy(id);
        }
        id
    }

    /// Grows what a hit looks at by small steps, since the peak counts. Large blocks are moved by remapping them.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        let len = self.known.len();
        let more = match len {
            0..256 => len.max(16),
            256..4096 => len / 16,
            _ => len / 8,
        };
        self.known.reserve_exact(more);
        self.facts.make_room(more);
    }

    /// Lets an entry be found by its source.
    pub(crate) fn key(&mut self, id: u32) {
        let key = self.known[id as usize].key();
        if let Probe::Vacant(vacancy) = self.probe(key) {
            self.set_keyed(id, &vacancy);
        }
    }

    /// From now on, an entry is found by its source.
    #[inline(always)]
    fn set_keyed(&mut self, id: u32, vacancy: &Vacancy) {
        if !self.by_source.fill(vacancy, id) {
            self.has_few = true;
        }
        self.facts.get_mut(id).set_keyed(true);
    }

    /// From now on, copies can be looked up.
    pub(crate) fn index_copies(&mut self) {
        if self.by_copy.is_none() {
            self.by_copy = Some(Box::new(Slots::new()));
            for id in 0..self.len() {
                self.index_copy(id);
            }
        }
    }

    /// Enters the copy of an entry, when it gets one.
    fn index_copy(&mut self, id: u32) {
        let address = self.known[id as usize].copy().addr();
        let Some(by_copy) = self.by_copy.as_mut().filter(|_| address != 0) else {
            return;
        };
        let known = &self.known;
        while !by_copy.takes(known.len()) {
            let copies = (0..known.len() as u32).map(|id| (id, known[id as usize].copy().addr()));
            by_copy.grow(copies.filter(|(other, copy)| *other != id && *copy != 0));
        }
        if let Probe::Vacant(vacancy) = by_copy.view().probe(address, |other| other == id) {
            by_copy.fill(&vacancy, id);
        }
    }

    /// The entry is about to get another copy, or to go.
    fn unindex_copy(&mut self, id: u32) {
        let known = &self.known;
        let address_of = |id: u32| known[id as usize].copy().addr();
        if let Some(by_copy) = self.by_copy.as_mut().filter(|_| address_of(id) != 0) {
            by_copy.remove(address_of(id), id, address_of);
        }
    }

    /// The entry whose copy lies at an address.
    pub(crate) fn by_copy(&self, copy: *const ()) -> Option<u32> {
        debug_assert!(self.by_copy.is_some());
        let by_copy = self.by_copy.as_ref()?;
        if by_copy.slots.is_empty() {
            return None;
        }
        let probe = by_copy.view().probe(copy.addr(), |id| {
            core::ptr::addr_eq(self.known[id as usize].copy(), copy)
        });
        match probe {
            Probe::Found(id) => Some(id),
            Probe::Vacant(_) => None,
        }
    }

    /// From now on, an entry is found no more.
    fn forget(&mut self, id: u32) {
        self.unindex_copy(id);
        if self.facts.get(id).is_keyed() {
            let known = &self.known;
            let address_of = |id: u32| known[id as usize].key().addr();
            self.by_source.remove(address_of(id), id, address_of);
        }
    }

    /// Forgets all entries from `len` on. That costs as much as they did, or less.
    pub(crate) fn truncate(&mut self, len: u32) {
        let more = self.len() - len;
        if more == 0 {
            return;
        }
        if more < len {
            for id in (len..self.len()).rev() {
                self.forget(id);
            }
            self.known.truncate(len as usize);
            self.facts.truncate(len);
            return;
        }
        self.known.truncate(len as usize);
        self.facts.truncate(len);
        self.by_source.clear();
        if let Some(by_copy) = &mut self.by_copy {
            by_copy.clear();
        }
        for id in 0..len {
            if self.facts.get(id).is_keyed() {
                self.key(id);
            }
            self.index_copy(id);
        }
    }
}
