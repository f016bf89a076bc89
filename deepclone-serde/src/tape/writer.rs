//! A recording while it grows: its arenas, its limits, and how deep the value is at this place. What serde calls is in
//! [`crate::tape::record`], whatever holds other values in [`crate::tape::compound`].

use crate::depth;
use crate::error::{ErrorKind, shorten};
use crate::fault::Fault;
use crate::path::{Segment, Trail};
use crate::tape::cursor::Cursor;
use crate::tape::shapes::Shapes;
use crate::tape::token;
use crate::tape::watch::{Refusal, Watch};
use serde::ser::Serialize;
use std::any::type_name;
use std::cell::RefCell;

/// Which of its two forms a value is asked for; serde calls it `is_human_readable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Form {
    #[default]
    Compact,
    Readable,
}

/// What a recording may grow to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_depth: usize,
    pub(crate) max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 500_000,
            max_bytes: usize::MAX,
        }
    }
}

/// A value on tape, and the state of writing it.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    pub(crate) tokens: Vec<u8>,
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) shapes: Shapes,
    /// Where values stand that asked which form they are written in.
    pub(crate) asks: RefCell<Vec<Cursor>>,
    /// Where shared edges stand.
    pub(crate) edges: Vec<usize>,
    /// The deepest level so far.
    pub(crate) deepest: usize,
    pub(crate) trail: Trail,
    pub(crate) failed: bool,
    pub(crate) depth: usize,
    pub(super) form: Form,
    limits: Limits,
    /// How many bytes of tokens are allowed beside the texts so far.
    token_limit: usize,
    /// Levels at which care may be due: those that have none of these bits.
    stride: usize,
    watch: Watch,
}

/// Unless something is watched, one level in eight looks at the stack.
const STRIDE: usize = 7;

pub(super) type Written = Result<(), Fault>;

impl Recording {
    /// Forgets the last value and gets ready for the next.
    pub(crate) fn start(&mut self, form: Form, limits: Limits) {
        self.clear();
        self.shapes.trim();
        self.form = form;
        self.limits = limits;
        self.token_limit = limits.max_bytes;
        self.stride = STRIDE;
        self.watch.start(limits.max_depth);
    }

    /// Refuses plain values at these addresses.
    pub(crate) fn forbid(&mut self, addresses: Vec<std::ops::Range<usize>>) {
        if !addresses.is_empty() {
            self.stride = 0;
            self.watch.forbid(addresses);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.tokens.clear();
        self.text.clear();
        self.bytes.clear();
        self.asks.get_mut().clear();
        self.edges.clear();
        self.trail.clear();
        self.watch.clear();
        self.deepest = 0;
        self.depth = 0;
        self.failed = false;
    }

    /// How many bytes the last value took.
    pub(crate) fn used(&self) -> usize {
        self.tokens.len() + self.text.len() + self.bytes.len()
    }

    /// How many bytes are kept for values.
    pub(crate) fn held(&self) -> usize {
        self.tokens.capacity() + self.text.capacity() + self.bytes.capacity()
    }

    /// Says that a value's code went on after a failure, which leaves the recording torn.
    #[cold]
    pub(crate) fn swallowed(&self) -> Fault {
        Fault::new(
            ErrorKind::Serialize,
            "the value swallowed an error while it was written",
        )
    }

    /// The place behind everything recorded so far.
    #[inline]
    pub(crate) fn end(&self) -> Cursor {
        Cursor {
            token: self.tokens.len(),
            text: self.text.len(),
            bytes: self.bytes.len(),
        }
    }

    /// Appends a token. Whatever can come in any number has [`check_size`](Self::check_size) called between.
    #[inline(always)]
    pub(crate) fn put<const N: usize>(&mut self, token: [u8; N]) -> Written {
        self.tokens.extend_from_slice(&token);
        Ok(())
    }

    /// Checks the limit of bytes: after each element, map value, struct and only content.
    #[inline(always)]
    pub(crate) fn check_size(&mut self) -> Written {
        if self.tokens.len() > self.token_limit {
            return Err(self.too_large());
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn put_id(&mut self, token: u8, id: u32) -> Written {
        let [a, b, c, d] = id.to_le_bytes();
        self.put([token, a, b, c, d])
    }

    #[inline]
    pub(crate) fn put_length(&mut self, token: u8, length: usize) -> Written {
        let [a, b, c, d, e, f, g, h] = (length as u64).to_le_bytes();
        self.put([token, a, b, c, d, e, f, g, h])
    }

    /// Counts `length` bytes of text before they are taken in.
    #[inline]
    pub(super) fn admit(&mut self, length: usize) -> Written {
        match self.token_limit.checked_sub(length) {
            Some(left) if self.tokens.len() <= left => {
                self.token_limit = left;
                Ok(())
            }
            _ => Err(self.too_large()),
        }
    }

    #[cold]
    pub(super) fn too_large(&mut self) -> Fault {
        self.failed = true;
        let limit = self.limits.max_bytes;
        Fault::new(
            ErrorKind::Bytes,
            format!("the recording would exceed {limit} bytes"),
        )
    }

    #[cold]
    pub(super) fn too_deep<T: ?Sized>(&mut self) -> Fault {
        self.failed = true;
        let name = shown::<T>();
        let limit = self.limits.max_depth;
        Fault::new(
            ErrorKind::Depth,
            format!("`{name}` lies more than {limit} levels deep; a cycle, or see `max_depth`"),
        )
    }

    /// Goes one level down, towards a `T`.
    #[inline]
    pub(crate) fn descend<T: ?Sized>(&mut self) -> Written {
        self.depth += 1;
        if self.depth > self.deepest {
            if self.depth > self.limits.max_depth {
                return Err(self.too_deep::<T>());
            }
            self.deepest = self.depth;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// Whether what stands at this level is to be written by [`carefully`](Self::carefully).
    #[inline(always)]
    pub(super) fn needs_care(&mut self) -> bool {
        self.depth & self.stride == 0 && self.is_care_due()
    }

    fn is_care_due(&mut self) -> bool {
        if self.watch.is_due(self.depth, self.used()) {
            self.stride = 0;
            return true;
        }
        depth::is_low()
    }

    /// Records `value`, unless it is inside itself, and on a fresh stack where this one ends.
    #[cold]
    #[inline(never)]
    pub(super) fn carefully<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        if !self.watch.is_due(self.depth, self.used()) {
            return depth::on_fresh_stack(|| value.serialize(self));
        }
        let watched = match self.watch.enter(value) {
            Ok(watched) => watched,
            Err(refusal) => return Err(self.refuse::<T>(refusal)),
        };
        let written = if depth::is_low() {
            depth::on_fresh_stack(|| value.serialize(&mut *self))
        } else {
            value.serialize(&mut *self)
        };
        self.watch.leave(watched);
        written
    }

    fn refuse<T: ?Sized>(&mut self, refusal: Refusal) -> Fault {
        self.failed = true;
        let name = shown::<T>();
        match refusal {
            Refusal::Cycle => Fault::new(
                ErrorKind::Depth,
                format!("a cycle: this `{name}` is written inside itself"),
            ),
            Refusal::InPlace => in_place(&name),
        }
    }

    /// Records the only content of something, one level down.
    #[inline]
    pub(super) fn only<T: ?Sized + Serialize>(&mut self, value: &T) -> Written {
        self.descend::<T>()?;
        let written = if self.needs_care() {
            self.carefully(value)
        } else {
            value.serialize(&mut *self)
        };
        self.ascend();
        if written.is_err() {
            self.failed = true;
            return written;
        }
        self.check_size()
    }

    /// Notes on the way up that a failure lies under `segment`.
    #[cold]
    pub(crate) fn under(&mut self, segment: Segment) {
        self.failed = true;
        self.trail.note(segment);
    }

    #[inline]
    pub(super) fn put_text_token(&mut self, length: usize) -> Written {
        match u8::try_from(length) {
            Ok(short) => self.put([token::STR_SHORT, short]),
            Err(_) => self.put_length(token::STR, length),
        }
    }
}

/// The name of a type for an error.
fn shown<T: ?Sized>() -> String {
    let mut name = type_name::<T>().to_owned();
    shorten(&mut name, 512);
    name
}

/// Says that weak edges lead to a value that has no allocation of its own in the recording.
#[cold]
pub(crate) fn in_place(name: &str) -> Fault {
    Fault::new(
        ErrorKind::Serialize,
        format!(
            "weak edges lead to this `{name}` or to what it is part of, but it is written as a plain value; its pointer has \
             to go through `shared`, too"
        ),
    )
}
