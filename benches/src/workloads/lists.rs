//! Lists: what a pointer costs when nobody shares it, and whether depth is a matter of the stack.

use std::rc::Rc;

use deepclone::DeepClone;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::contender::Role;
use crate::description::Description;
use crate::peers::peer_struct;
use crate::stack::on_ordinary_stack;
use crate::workload::{Builder, CLONE, UNSHARED, Workload};

#[derive(DeepClone, Serialize, Deserialize)]
pub(crate) struct Link {
    value: u64,
    next: Option<Rc<Link>>,
}

#[derive(Clone, DeepClone, Serialize, Deserialize)]
struct Boxed {
    value: u64,
    next: Option<Box<Boxed>>,
}

peer_struct! {
    Link { value, next }
    Boxed { value, next }
}

pub(crate) fn chain(links: u64) -> Rc<Link> {
    let mut chain = Rc::new(Link {
        value: 0,
        next: None,
    });
    for value in 1..links {
        chain = Rc::new(Link {
            value,
            next: Some(chain),
        });
    }
    chain
}

/// Drops a chain without recursion.
pub(crate) fn dismantle(chain: Rc<Link>) {
    let mut next = Some(chain);
    while let Some(mut link) = next.and_then(Rc::into_inner) {
        next = link.next.take();
    }
}

fn boxes(links: u64) -> Boxed {
    let mut list = Boxed {
        value: 0,
        next: None,
    };
    for value in 1..links {
        list = Boxed {
            value,
            next: Some(Box::new(list)),
        };
    }
    list
}

fn naive(link: &Rc<Link>) -> Rc<Link> {
    Rc::new(Link {
        value: link.value,
        next: link.next.as_ref().map(naive),
    })
}

/// With a memo, as one writes it who doesn't know that nothing is shared.
fn memoised(link: &Rc<Link>) -> Rc<Link> {
    fn edge(link: &Rc<Link>, memo: &mut FxHashMap<*const Link, Rc<Link>>) -> Rc<Link> {
        if let Some(copy) = memo.get(&Rc::as_ptr(link)) {
            return copy.clone();
        }
        let copy = Rc::new(Link {
            value: link.value,
            next: link.next.as_ref().map(|next| edge(next, memo)),
        });
        memo.insert(Rc::as_ptr(link), copy.clone());
        copy
    }
    edge(link, &mut FxHashMap::default())
}

/// The chain has no cells, so a copy without recursion has to be made from its end.
pub(crate) fn backwards(link: &Rc<Link>) -> Rc<Link> {
    let mut links: Vec<&Link> = vec![link];
    while let Some(next) = &links[links.len() - 1].next {
        links.push(next);
    }
    let mut next = None;
    while let Some(link) = links.pop() {
        let value = link.value;
        next = Some(Rc::new(Link { value, next }));
    }
    next.expect("the chain has a link")
}

fn in_a_loop(list: &Boxed) -> Boxed {
    let mut copy = Boxed {
        value: list.value,
        next: None,
    };
    let mut end = &mut copy.next;
    let mut source = &list.next;
    while let Some(link) = source {
        let link: &Boxed = link;
        end = &mut end
            .insert(Box::new(Boxed {
                value: link.value,
                next: None,
            }))
            .next;
        source = &link.next;
    }
    copy
}

fn describe(chain: &Rc<Link>) -> Description {
    let mut seen = Description::default();
    let mut next = Some(chain);
    while let Some(link) = next {
        seen.note(link.value);
        seen.rc(link);
        next = link.next.as_ref();
    }
    seen
}

fn describe_boxes(list: &Boxed) -> Description {
    let mut seen = Description::default();
    let mut next = Some(list);
    while let Some(link) = next {
        seen.note(link.value);
        next = link.next.as_deref();
    }
    seen
}

pub(super) fn unique_chain() -> Workload {
    Builder::new(
        "W6",
        "a chain of 256 unique Rc",
        "an undo history or a persistent list that nobody shares: no memo is needed, if one notices",
        chain(256),
    )
    .described(describe)
    .by_hand("naive, recursive", naive)
    .by_hand("from the end", backwards)
    .by_hand("Fx memo, recursive", memoised)
    .deep_cloned()
    .peer_plain()
    .through_serde()
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .bar("naive, recursive", 1.00)
    .build()
}

pub(super) fn shared_list() -> Workload {
    Builder::new(
        "W10",
        "an Rc list of 1M",
        "a log, a blockchain, a persistent queue: deeper than any stack (deepclone on 2 MiB, the others on 2 GiB)",
        chain(1_000_000),
    )
    .described(describe)
    .by_hand("naive, recursive", naive)
    .by_hand("from the end", backwards)
    .by_hand("Fx memo, recursive", memoised)
    .derived(|list| on_ordinary_stack(|| list.deep_clone()))
    .peer_plain()
    .not_through_serde("it nests deeper than the 500,000 levels that a copy through serde may have")
    .unable(Role::Clone, CLONE, "Clone of an Rc shares")
    .bar("naive, recursive", 0.85)
    .build()
}

pub(super) fn boxed_list() -> Workload {
    Builder::new(
        "W10b",
        "a Box list of 1M",
        "the same, owned: values move, so nothing can be put off (deepclone on 2 MiB, the others on 2 GiB)",
        boxes(1_000_000),
    )
    .described(describe_boxes)
    .cloned()
    .by_hand("in a loop", in_a_loop)
    .unable(Role::ByHand, "by hand, Fx memo", UNSHARED)
    .derived(|list| on_ordinary_stack(|| list.deep_clone()))
    .peer_plain()
    .not_through_serde("it nests deeper than the 500,000 levels that a copy through serde may have")
    .bar(CLONE, 3.3)
    .build()
}
