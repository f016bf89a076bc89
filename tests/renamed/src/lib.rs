//! Types of a crate that has renamed its dependency: `deepclone` means nothing here.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use copying::{DeepClone, impl_deep_clone};

/// All that a derive may ask of one type.
#[derive(DeepClone, Debug)]
#[deepclone(crate = copying)]
pub struct Node<T> {
    /// Its content.
    pub content: T,
    /// Copied by code written by hand.
    pub label: Label,
    /// Where it stands.
    #[deepclone(with = again)]
    pub place: u32,
    /// Made anew.
    #[deepclone(default)]
    pub cache: Option<u32>,
    /// Shared and cyclic.
    pub next: RefCell<Option<Rc<Node<T>>>>,
    /// Upwards.
    pub parent: RefCell<Weak<Node<T>>>,
}

fn again(place: &u32) -> u32 {
    *place
}

/// Written by hand.
#[derive(Debug, PartialEq, Eq)]
pub struct Label(pub String);

impl_deep_clone! { impl for Label = |label, cloner| Ok(Label(cloner.deep_clone(&label.0)?)) }

macro_rules! variants {
    ($name:ident { $($variant:ident),* }) => {
        /// From a macro.
        #[derive(DeepClone, Debug, PartialEq, Eq)]
        #[deepclone(crate = copying)]
        pub enum $name {
            $(
                /// One of them.
                $variant(Rc<str>),
            )*
        }
    };
}

variants! { Either { Left, Right } }
