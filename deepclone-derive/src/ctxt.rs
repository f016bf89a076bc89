//! Collects the mistakes of one type, so that one compile reports them all.

use std::cell::RefCell;
use std::fmt::{Display, Write as _};
use std::thread;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The collector. It has to be asked with [`Ctxt::finish`]: a dropped one would lose mistakes, and panics instead.
pub(crate) struct Ctxt {
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self {
            errors: RefCell::new(Some(Vec::new())),
        }
    }

    /// A mistake that is made by `tokens`, all of which are underlined, and what to write instead.
    ///
    /// A macro on stable Rust has no notes of its own to emit, so the help is further lines of the same message.
    pub(crate) fn error(&self, tokens: impl ToTokens, mistake: impl Display, help: impl Display) {
        self.push(syn::Error::new_spanned(tokens, explained(mistake, help)));
    }

    /// A mistake that the parser found.
    pub(crate) fn syntax(&self, error: &syn::Error, help: impl Display) {
        for part in error.clone() {
            self.push(syn::Error::new(part.span(), explained(&part, &help)));
        }
    }

    fn push(&self, error: syn::Error) {
        self.errors
            .borrow_mut()
            .as_mut()
            .expect("the context was already asked for its errors")
            .push(error);
    }

    /// Every mistake as `compile_error!`, or `None`.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        let errors = self
            .errors
            .borrow_mut()
            .take()
            .expect("the context is asked once");
        (!errors.is_empty()).then(|| errors.iter().map(syn::Error::to_compile_error).collect())
    }
}

/// A mistake and its way out as one text, the lines of the help kept apart.
fn explained(mistake: impl Display, help: impl Display) -> String {
    let mut text = format!("{mistake}\n");
    for line in help.to_string().lines() {
        write!(text, "\nhelp: {line}").expect("a string takes every write");
    }
    text
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        if !thread::panicking() && self.errors.borrow().is_some() {
            panic!("a context was dropped without being asked for its errors");
        }
    }
}
