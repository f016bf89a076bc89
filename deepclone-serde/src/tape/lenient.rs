//! What a visitor gets that has asked for another kind of value than what was recorded.

use crate::error::ErrorKind;
use crate::fault::Fault;
use crate::tape::access::ByteItems;
use crate::tape::cursor::{Head, broken};
use crate::tape::reader::{Fields, Reader};
use crate::tape::token;
use crate::tape::writer::Form;
use serde::de::Visitor;
use std::any::type_name;

impl<'de> Reader<'de> {
    /// What a typed request falls back to.
    #[cold]
    pub(super) fn lenient<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.strip();
        self.dispatch(visitor)
    }

    /// The readable form of the value here, if the value has two and the asker was not told which one it gets.
    #[cold]
    pub(super) fn any_of_two<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        let here = self.offset();
        if self.asked_at.get() == here {
            return self.dispatch(visitor);
        }
        let asks = self.recording.asks.borrow();
        if asks.binary_search_by_key(&here, |ask| ask.token).is_err() {
            drop(asks);
            return self.dispatch(visitor);
        }
        drop(asks);
        let Some(readable) = self.readable else {
            self.wants_readable = true;
            return Err(Fault::new(
                ErrorKind::Deserialize,
                "the readable form of this value is wanted",
            ));
        };
        let Some(cursor) = readable.twin_of(here) else {
            return self.dispatch(visitor);
        };
        let mut twin = Reader::new(readable.recording(), None, Fields::ByName);
        twin.at = readable.recording().place(cursor);
        twin.form = Form::Readable;
        twin.depth = self.depth;
        twin.has_stack = true;
        let value = twin.dispatch(visitor);
        self.recording.skip(&mut self.at)?;
        if twin.broken {
            self.abandon();
            self.trail.graft(&twin.trail);
        }
        value
    }

    /// Refuses to fill one of serde's buffers as long as there may be too little stack to read it.
    #[cold]
    pub(super) fn check_stack<V: Visitor<'de>>(&mut self) -> Result<(), Fault> {
        // A wrong guess by the name is harmless one way and, for values of moderate depth, the other.
        if !type_name::<V::Value>().contains("Content") {
            return Ok(());
        }
        self.wants_stack = true;
        Err(Fault::new(
            ErrorKind::Depth,
            "too deep for the buffers of serde, which a tagged, untagged or flattened type is read from",
        ))
    }

    /// An enum in one of the ways that text formats show it.
    #[cold]
    pub(super) fn lenient_enum<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.check_whole()?;
        self.strip();
        let start = self.at;
        match self.at.head()? {
            Head::UnitVariant(label) => {
                let name = self.label(label)?.variant;
                self.variant(name, false, visitor)
            }
            Head::NewtypeVariant(label)
            | Head::TupleVariant(label)
            | Head::StructVariant(label) => {
                let name = self.label(label)?.variant;
                self.variant(name, true, visitor)
            }
            Head::Str(name) => self.variant(name, false, visitor),
            Head::Map { length: 1, .. }
                if matches!(self.at.peek(), Some(token::STR_SHORT | token::STR)) =>
            {
                match self.at.head()? {
                    Head::Str(name) => self.variant(name, true, visitor),
                    _ => Err(broken()),
                }
            }
            Head::Struct(shape) if self.recording.shapes.fields(shape).len() == 1 => {
                let name = self.recording.shapes.fields(shape)[0];
                self.variant(name, true, visitor)
            }
            _ => {
                self.at = start;
                self.dispatch(visitor)
            }
        }
    }

    pub(super) fn sequence<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Fault> {
        self.check_whole()?;
        self.strip();
        let start = self.at;
        let Head::Bytes(bytes) = self.at.head()? else {
            self.at = start;
            return self.dispatch(visitor);
        };
        let mut access = ByteItems::new(bytes);
        let value = visitor.visit_seq(&mut access)?;
        access.finish(self)?;
        Ok(value)
    }
}
