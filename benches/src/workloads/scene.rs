//! A scene graph of trait objects.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use deepclone::DeepClone;
use rustc_hash::FxHashMap;

use crate::contender::Role;
use crate::description::Description;
use crate::workload::{Builder, CLONE, PEER, Workload};

type Shared = Rc<RefCell<dyn Widget>>;
type Known = Weak<RefCell<dyn Widget>>;

trait Widget: DeepClone {
    /// A copy by hand, below `parent`.
    fn copy(&self, parent: Option<Known>, copies: &mut Copies) -> Shared;

    /// What is in it, for a test.
    fn describe(&self, seen: &mut Description);
}

fn describe(widget: &Shared, seen: &mut Description) {
    seen.rc(widget);
    widget.borrow().describe(seen);
    seen.note("/");
}

fn describe_known(known: Option<&Known>, seen: &mut Description) {
    match known {
        Some(known) => seen.weak(known),
        None => seen.note("none"),
    }
}

/// By hand: what a widget across the tree became is known only in the end.
#[derive(Default)]
struct Copies {
    of: FxHashMap<*const (), Shared>,
    buttons: Vec<Rc<RefCell<Button>>>,
}

impl Copies {
    fn widget(&mut self, source: &Shared, parent: Option<Known>) -> Shared {
        let copy = source.borrow().copy(parent, self);
        self.of.insert(Rc::as_ptr(source).cast(), copy.clone());
        copy
    }

    fn connect(&self) {
        for button in &self.buttons {
            let mut button = button.borrow_mut();
            let source = button.target.take();
            button.target = source.and_then(|source| {
                let copy = self.of.get(&source.as_ptr().cast())?;
                Some(Rc::downgrade(copy))
            });
        }
    }
}

#[derive(DeepClone)]
struct Panel {
    style: Vec<(String, u32)>,
    parent: Option<Known>,
    children: Vec<Shared>,
}

#[derive(DeepClone)]
struct Label {
    text: String,
    parent: Option<Known>,
}

#[derive(DeepClone)]
struct Button {
    text: String,
    at: (f32, f32),
    parent: Option<Known>,
    target: Option<Known>,
}

impl Widget for Panel {
    fn copy(&self, parent: Option<Known>, copies: &mut Copies) -> Shared {
        let copy = Rc::new(RefCell::new(Self {
            style: self.style.clone(),
            parent,
            children: Vec::with_capacity(self.children.len()),
        }));
        let shared: Shared = copy.clone();
        for child in &self.children {
            let child = copies.widget(child, Some(Rc::downgrade(&shared)));
            copy.borrow_mut().children.push(child);
        }
        copy
    }

    fn describe(&self, seen: &mut Description) {
        for (name, value) in &self.style {
            seen.note(name);
            seen.note(value);
        }
        describe_known(self.parent.as_ref(), seen);
        let children = self.children.iter();
        children.for_each(|child| self::describe(child, seen));
    }
}

impl Widget for Label {
    fn copy(&self, parent: Option<Known>, _: &mut Copies) -> Shared {
        let text = self.text.clone();
        Rc::new(RefCell::new(Self { text, parent }))
    }

    fn describe(&self, seen: &mut Description) {
        seen.note(&self.text);
        describe_known(self.parent.as_ref(), seen);
    }
}

impl Widget for Button {
    fn copy(&self, parent: Option<Known>, copies: &mut Copies) -> Shared {
        let copy = Rc::new(RefCell::new(Self {
            text: self.text.clone(),
            at: self.at,
            parent,
            target: self.target.clone(),
        }));
        copies.buttons.push(copy.clone());
        copy
    }

    fn describe(&self, seen: &mut Description) {
        seen.note(&self.text);
        seen.note(format_args!("{:?}", self.at));
        describe_known(self.parent.as_ref(), seen);
        describe_known(self.target.as_ref(), seen);
    }
}

/// Panels eight wide; below them, labels and buttons that refer to any widget made before.
fn panel(depth: u32, parent: Option<Known>, all: &mut Vec<Shared>) -> Shared {
    let panel = Rc::new(RefCell::new(Panel {
        style: vec![("margin".to_owned(), depth), ("border".to_owned(), 1)],
        parent,
        children: Vec::new(),
    }));
    let shared: Shared = panel.clone();
    all.push(shared.clone());
    for n in 0..8_u8 {
        let parent = Some(Rc::downgrade(&shared));
        let child: Shared = if depth > 0 {
            self::panel(depth - 1, parent, all)
        } else if n % 2 == 0 {
            let text = format!("label number {n}");
            Rc::new(RefCell::new(Label { text, parent }))
        } else {
            let target = &all[all.len() * usize::from(n) / 8];
            Rc::new(RefCell::new(Button {
                text: format!("button {n}"),
                at: (f32::from(n), 0.0),
                parent,
                target: Some(Rc::downgrade(target)),
            }))
        };
        all.push(child.clone());
        panel.borrow_mut().children.push(child);
    }
    shared
}

pub(super) fn widgets() -> Workload {
    Builder::new(
        "scene",
        "a scene graph of Rc<RefCell<dyn Widget>>, 5k widgets with Weak parents and targets",
        "a user interface or a game scene: trait objects that know one another",
        panel(3, None, &mut Vec::new()),
    )
    .described(|root: &Shared| {
        let mut seen = Description::default();
        describe(root, &mut seen);
        seen
    })
    .by_hand("Fx memo, a method per type", |root: &Shared| {
        let mut copies = Copies::default();
        let copy = copies.widget(root, None);
        copies.connect();
        copy
    })
    .unable(
        Role::ByHand,
        "no memo",
        "buttons refer to widgets anywhere in the tree: what these became has to be looked up",
    )
    .deep_cloned()
    .unable(Role::Peer, PEER, "an Rc<RefCell<dyn Trait>> has no impl")
    .not_through_serde("a trait object doesn't implement Deserialize")
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .build()
}
