//! What a running copy knows of shared allocations. There is one scope per copy and thread; a copy inside a copy has its
//! own.

use crate::shared::pointer::Strong;
use crate::shared::root::{Root, Target};
use crate::tape::token;
use crate::tape::{Cursor, Recording};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// One shared allocation of the source.
struct Entry {
    target: Target,
    /// Keeps the address from being used again while it is a key. Weak, so that nothing lives longer for it.
    _pin: Box<dyn Any>,
    /// Its content is in the recording.
    written: bool,
    /// Its content is being written.
    open: bool,
    /// A weak edge came before its content.
    early: bool,
    /// It has to be written where the first weak edge stands.
    turned: bool,
    /// A weak edge to it stands inside its own content.
    cyclic: bool,
    /// Its number on tape; zero if its content is not there.
    number: u32,
}

/// One shared allocation of the copy, by its number on tape.
#[derive(Default)]
struct Made {
    cyclic: bool,
    handle: Handle,
}

/// What is known of an allocation of the copy.
#[derive(Default)]
enum Handle {
    #[default]
    Unknown,
    /// Its content is being read; a weak handle.
    Open(Box<dyn Any>),
    /// A strong handle.
    Done(Box<dyn Any>),
}

/// How an edge is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// With the content; [`close`] follows.
    WithContent(u32),
    /// By its number alone.
    Alone(u32),
}

#[derive(Default)]
struct Knowledge {
    ids: HashMap<usize, u32>,
    entries: Vec<Entry>,
    made: Vec<Made>,
    root: Option<Root>,
    /// Plain values have been looked at for the targets of weak edges.
    examined: bool,
}

impl Knowledge {
    fn clear(&mut self) {
        self.ids.clear();
        self.entries.clear();
        self.made.clear();
        self.root = None;
        self.examined = false;
    }
}

#[derive(Default)]
struct Current {
    running: Option<Knowledge>,
    /// Empty tables of an earlier copy.
    spare: Option<Knowledge>,
}

thread_local! {
    static CURRENT: RefCell<Current> = const { RefCell::new(Current { running: None, spare: None }) };
}

/// While this lives, the thread's shared edges belong to one copy.
pub(crate) struct Scope {
    outer: Option<Knowledge>,
}

impl Scope {
    pub(crate) fn enter<T: ?Sized>(root: &T) -> Self {
        let outer = CURRENT.try_with(|current| {
            let mut current = current.borrow_mut();
            let mut fresh = current.spare.take().unwrap_or_default();
            fresh.root = Some(Root::of(root));
            current.running.replace(fresh)
        });
        Self {
            outer: outer.ok().flatten(),
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let outer = self.outer.take();
        let ended =
            CURRENT.try_with(|current| std::mem::replace(&mut current.borrow_mut().running, outer));
        // Handles are dropped with no borrow held, for a `Drop` may copy.
        if let Ok(Some(mut ended)) = ended {
            ended.clear();
            let _ = CURRENT.try_with(|current| current.borrow_mut().spare.replace(ended));
        }
    }
}

fn with<R>(work: impl FnOnce(&mut Knowledge) -> R) -> Option<R> {
    CURRENT
        .try_with(|current| current.borrow_mut().running.as_mut().map(work))
        .ok()
        .flatten()
}

/// Whether a copy runs on this thread.
pub(super) fn is_running() -> bool {
    with(|_| ()).is_some()
}

/// Gets ready for the source to be written from its start.
pub(crate) fn restart_writing() {
    with(|knowledge| {
        for entry in &mut knowledge.entries {
            entry.written = false;
            entry.open = false;
            entry.early = false;
        }
    });
}

/// Notes a strong edge to `target`.
pub(super) fn strong_edge(target: Target, pin: impl FnOnce() -> Box<dyn Any>) -> Option<Written> {
    with(|knowledge| {
        let id = knowledge.id(target, pin);
        let entry = &mut knowledge.entries[id as usize];
        if entry.written {
            return Written::Alone(id);
        }
        entry.written = true;
        entry.open = true;
        Written::WithContent(id)
    })
}

/// Notes a weak edge to `target`.
pub(super) fn weak_edge(target: Target, pin: impl FnOnce() -> Box<dyn Any>) -> Option<Written> {
    with(|knowledge| {
        let id = knowledge.id(target, pin);
        let entry = &mut knowledge.entries[id as usize];
        if entry.written {
            entry.cyclic |= entry.open;
            return Written::Alone(id);
        }
        if entry.turned {
            entry.written = true;
            entry.open = true;
            return Written::WithContent(id);
        }
        entry.early = true;
        Written::Alone(id)
    })
}

/// Notes that the content of an allocation is written.
pub(super) fn close(id: u32) {
    with(|knowledge| knowledge.entries[id as usize].open = false);
}

/// What became of a recording of the source.
pub(crate) enum Ended {
    Complete,
    /// It has to be written once more: a weak edge came before the strong one that its target hangs on, or weak edges lead out
    /// of it. In the latter case no plain value may have one of these addresses.
    Again(Vec<Range<usize>>),
    /// Weak edges lead to the root, a type of this name, of which no one will hold an allocation.
    InPlace(&'static str),
}

/// Ends a recording of the source.
pub(crate) fn finish_writing(recording: &mut Recording) -> Ended {
    if recording.edges.is_empty() {
        return Ended::Complete;
    }
    with(|knowledge| {
        if knowledge.turn() {
            return Ended::Again(Vec::new());
        }
        if !knowledge.examined {
            knowledge.examined = true;
            match knowledge.outside() {
                Ok(addresses) if addresses.is_empty() => {}
                Ok(addresses) => return Ended::Again(addresses),
                Err(name) => return Ended::InPlace(name),
            }
        }
        knowledge.number(recording);
        Ended::Complete
    })
    .unwrap_or(Ended::Complete)
}

/// Gets ready for the copy to be read from its start.
pub(crate) fn restart_reading() {
    let handles = with(|knowledge| {
        let handles = knowledge.made.iter_mut();
        handles
            .map(|made| std::mem::take(&mut made.handle))
            .collect::<Vec<_>>()
    });
    // Dropped with no borrow held, for a `Drop` may copy.
    drop(handles);
}

/// What is known of the allocation with this number.
pub(super) enum Found<S: Strong> {
    Done(S),
    Open(S::Weak),
    Unknown,
}

/// Looks up the allocation of the copy with this number.
pub(super) fn find<S: Strong>(number: u32) -> Found<S> {
    with(|knowledge| match knowledge.handle(number) {
        Some(Handle::Done(any)) => any
            .downcast_ref::<S>()
            .map_or(Found::Unknown, |strong| Found::Done(strong.clone())),
        Some(Handle::Open(any)) => any
            .downcast_ref::<S::Weak>()
            .map_or(Found::Unknown, |weak| Found::Open(weak.clone())),
        _ => Found::Unknown,
    })
    .unwrap_or(Found::Unknown)
}

/// Whether weak edges to the allocation stand inside its content.
pub(super) fn is_cyclic(number: u32) -> bool {
    with(|knowledge| {
        let made = knowledge.made.get(number as usize);
        made.is_some_and(|made| made.cyclic)
    })
    .unwrap_or(false)
}

/// Makes an allocation known whose content is about to be read.
pub(super) fn opened<S: Strong>(number: u32, weak: &S::Weak) {
    replace(number, Handle::Open(Box::new(weak.clone())));
}

/// Makes a finished allocation known.
pub(super) fn finished<S: Strong>(number: u32, strong: &S) {
    replace(number, Handle::Done(Box::new(strong.clone())));
}

fn replace(number: u32, handle: Handle) {
    let old = with(|knowledge| {
        let made = knowledge.made.get_mut(number as usize)?;
        Some(std::mem::replace(&mut made.handle, handle))
    });
    // Dropped with no borrow held, for a `Drop` may copy.
    drop(old);
}

impl Knowledge {
    fn id(&mut self, target: Target, pin: impl FnOnce() -> Box<dyn Any>) -> u32 {
        let next = self.entries.len() as u32;
        let id = *self.ids.entry(target.address).or_insert(next);
        if id == next {
            self.entries.push(Entry {
                target,
                _pin: pin(),
                written: false,
                open: false,
                early: false,
                turned: false,
                cyclic: false,
                number: 0,
            });
        }
        id
    }

    fn handle(&self, number: u32) -> Option<&Handle> {
        self.made.get(number as usize).map(|made| &made.handle)
    }

    /// Turns round the edges that came too early; whether there were any.
    fn turn(&mut self) -> bool {
        let mut any = false;
        for entry in &mut self.entries {
            if entry.early && entry.written && !entry.turned {
                entry.turned = true;
                any = true;
            }
        }
        any
    }

    /// The allocations that only weak edges lead to, those aside that the root is a part of; the name of the target if the root
    /// is one.
    fn outside(&self) -> Result<Vec<Range<usize>>, &'static str> {
        let mut addresses = Vec::new();
        for Entry { target, .. } in self.entries.iter().filter(|e| e.early && !e.written) {
            match self.root {
                Some(root) if root.is_within(target) => {
                    if root.is_all_of(target) {
                        return Err(target.name);
                    }
                }
                _ if target.size == 0 => {}
                _ => addresses.push(target.address..target.address + target.size),
            }
        }
        Ok(addresses)
    }

    /// Replaces ids by numbers in the order of their first edge, leaving out what is not in the recording, so that a copy
    /// records as its source does.
    fn number(&mut self, recording: &mut Recording) {
        if self.made.is_empty() {
            self.made.push(Made::default());
        }
        for edge in std::mem::take(&mut recording.edges) {
            let Some(at) = id_of_edge(recording, edge) else {
                continue;
            };
            let Some(bytes) = recording.tokens[at..].first_chunk_mut() else {
                continue;
            };
            let Some(entry) = self.entries.get_mut(u32::from_le_bytes(*bytes) as usize) else {
                // Nothing is there any more.
                *bytes = 0_u32.to_le_bytes();
                continue;
            };
            if entry.written && entry.number == 0 {
                entry.number = self.made.len() as u32;
                self.made.push(Made::default());
            }
            let number = if entry.written { entry.number } else { 0 };
            self.made[number as usize].cyclic |= entry.cyclic && entry.written;
            *bytes = number.to_le_bytes();
        }
    }
}

/// Where the id of the edge recorded at `edge` stands: behind the newtype, the pair and the token of the id.
fn id_of_edge(recording: &Recording, edge: usize) -> Option<usize> {
    let mut place = recording.place(Cursor {
        token: edge,
        text: 0,
        bytes: 0,
    });
    place.head().ok()?;
    place.head().ok()?;
    (place.peek() == Some(token::U32)).then(|| recording.cursor(&place).token + 1)
}
