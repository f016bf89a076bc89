//! Identity of shared pointers inside one copy.

use deepclone_serde::{Copier, ErrorKind, convert, copy, copy_verified, shared};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;

#[derive(Serialize, Deserialize, Clone)]
#[serde(transparent)]
struct Shared<T: 'static + Serialize + serde::de::DeserializeOwned>(
    #[serde(with = "shared")] Rc<T>,
);

#[derive(Serialize, Deserialize)]
struct Pair {
    #[serde(with = "shared")]
    left: Rc<String>,
    #[serde(with = "shared")]
    right: Rc<String>,
    #[serde(with = "shared")]
    weak: Weak<String>,
    #[serde(with = "shared")]
    other: Arc<u8>,
}

fn pair() -> Pair {
    let text = Rc::new("text".to_owned());
    Pair {
        weak: Rc::downgrade(&text),
        left: Rc::clone(&text),
        right: text,
        other: Arc::new(1),
    }
}

#[test]
fn edges_to_one_allocation_lead_to_one_copy() {
    let source = pair();
    for copied in [copy(&source).unwrap(), copy_verified(&source).unwrap()] {
        assert!(Rc::ptr_eq(&copied.left, &copied.right));
        assert!(!Rc::ptr_eq(&copied.left, &source.left));
        assert!(Rc::ptr_eq(&copied.weak.upgrade().unwrap(), &copied.left));
        assert_eq!(
            (Rc::strong_count(&copied.left), Rc::weak_count(&copied.left)),
            (2, 1)
        );
        assert_eq!(
            (Rc::strong_count(&source.left), Rc::weak_count(&source.left)),
            (2, 1)
        );
        assert_eq!(*copied.left, "text");
        assert_eq!(
            (
                Arc::strong_count(&copied.other),
                Arc::weak_count(&copied.other)
            ),
            (1, 0)
        );
    }
}

#[test]
fn outside_of_a_copy_the_pointee_alone_is_shown() {
    let json = serde_json::to_string(&pair()).unwrap();
    assert_eq!(
        json,
        r#"{"left":"text","right":"text","weak":"text","other":1}"#
    );
    let back: Pair = serde_json::from_str(&json).unwrap();
    assert_eq!(*back.right, "text");
    assert!(back.weak.upgrade().is_none());
}

#[derive(Serialize, Deserialize)]
struct Node {
    name: u32,
    #[serde(with = "shared")]
    parent: Weak<RefCell<Node>>,
    children: Vec<Child>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Child(#[serde(with = "shared")] Rc<RefCell<Node>>);

fn node(name: u32) -> Rc<RefCell<Node>> {
    Rc::new(RefCell::new(Node {
        name,
        parent: Weak::new(),
        children: Vec::new(),
    }))
}

fn adopt(parent: &Rc<RefCell<Node>>, child: &Rc<RefCell<Node>>) {
    child.borrow_mut().parent = Rc::downgrade(parent);
    parent.borrow_mut().children.push(Child(Rc::clone(child)));
}

#[test]
fn edges_to_a_parent_lead_to_its_copy() {
    let (root, left, leaf) = (node(1), node(2), node(3));
    adopt(&root, &left);
    adopt(&left, &leaf);
    for copied in [
        copy(&Child(root.clone())).unwrap(),
        copy_verified(&Child(root.clone())).unwrap(),
    ] {
        let left = Rc::clone(&copied.0.borrow().children[0].0);
        let leaf = Rc::clone(&left.borrow().children[0].0);
        assert_eq!(leaf.borrow().name, 3);
        assert!(Rc::ptr_eq(&leaf.borrow().parent.upgrade().unwrap(), &left));
        assert!(Rc::ptr_eq(
            &left.borrow().parent.upgrade().unwrap(),
            &copied.0
        ));
        assert_eq!(
            (Rc::strong_count(&copied.0), Rc::weak_count(&copied.0)),
            (1, 1)
        );
        assert_eq!((Rc::strong_count(&left), Rc::weak_count(&left)), (2, 1));
    }
    assert_eq!((Rc::strong_count(&root), Rc::weak_count(&root)), (1, 1));
}

#[test]
fn a_weak_to_a_parent_outside_dangles() {
    let (root, left) = (node(1), node(2));
    adopt(&root, &left);
    for copied in [
        copy(&Child(left.clone())).unwrap(),
        copy_verified(&Child(left.clone())).unwrap(),
    ] {
        assert!(copied.0.borrow().parent.upgrade().is_none());
    }
}

/// A node that holds its children without `shared`, so that only their edges upwards go through it.
#[derive(Serialize, Deserialize)]
struct Loose {
    name: u32,
    #[serde(with = "shared")]
    parent: Weak<RefCell<Loose>>,
    children: Vec<Rc<RefCell<Loose>>>,
}

fn loose(name: u32) -> Rc<RefCell<Loose>> {
    Rc::new(RefCell::new(Loose {
        name,
        parent: Weak::new(),
        children: Vec::new(),
    }))
}

fn adopt_loose(parent: &Rc<RefCell<Loose>>, child: &Rc<RefCell<Loose>>) {
    child.borrow_mut().parent = Rc::downgrade(parent);
    parent.borrow_mut().children.push(Rc::clone(child));
}

fn refused<T>(copied: Result<T, deepclone_serde::Error>, name: &str) {
    let error = copied.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Serialize);
    assert!(error.message().contains("weak edges lead"), "{error}");
    assert!(error.message().contains(name), "{error}");
}

#[test]
fn a_weak_to_what_is_copied_as_a_plain_value_is_an_error() {
    let (root, left) = (node(1), node(2));
    adopt(&root, &left);
    // By reference, and by serde's own `Rc`.
    refused(copy(&*root), "Node");
    refused(copy(&*root.borrow()), "Node");
    refused(copy(&root), "u32");
    refused(copy(&vec![(1, Some(root.clone()))]), "u32");

    let (root, left, right) = (loose(1), loose(2), loose(3));
    adopt_loose(&root, &left);
    adopt_loose(&left, &right);
    refused(copy(&left), "u32");
    refused(copy(&root), "u32");
    // Of the last one the parent lies outside.
    let copied = copy(&right).unwrap();
    assert!(copied.borrow().parent.upgrade().is_none());
}

#[test]
fn a_weak_to_what_the_copied_value_is_a_part_of_dangles() {
    let (root, left) = (node(1), node(2));
    adopt(&root, &left);
    let copied = copy(&root.borrow().children).unwrap();
    assert!(copied[0].0.borrow().parent.upgrade().is_none());
    next_copy_is_fine();
}

fn next_copy_is_fine() {
    let copied = copy(&pair()).unwrap();
    assert!(Rc::ptr_eq(&copied.left, &copied.right));
}

#[derive(Serialize, Deserialize)]
struct Early {
    #[serde(with = "shared")]
    first: Weak<String>,
    #[serde(with = "shared")]
    second: Rc<String>,
}

#[test]
fn a_weak_before_its_target_leads_to_it() {
    let second = Rc::new("late".to_owned());
    let source = Early {
        first: Rc::downgrade(&second),
        second,
    };
    for copied in [copy(&source).unwrap(), copy_verified(&source).unwrap()] {
        assert!(Rc::ptr_eq(&copied.first.upgrade().unwrap(), &copied.second));
        assert_eq!(
            (
                Rc::strong_count(&copied.second),
                Rc::weak_count(&copied.second)
            ),
            (1, 1)
        );
    }
}

#[test]
fn a_child_before_its_parent_comes_out_right_or_as_an_error() {
    let (root, left) = (node(1), node(2));
    adopt(&root, &left);
    match copy(&vec![Child(left), Child(root)]) {
        Ok(copied) => {
            let parent = copied[0].0.borrow().parent.upgrade().unwrap();
            assert!(Rc::ptr_eq(&parent, &copied[1].0));
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Deserialize, "{error}"),
    }
}

#[derive(Serialize, Deserialize)]
struct Ring {
    next: RefCell<Option<Link>>,
}
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Link(#[serde(with = "shared")] Rc<Ring>);

#[test]
fn a_cycle_of_strong_edges_is_an_error_that_names_a_type_of_it() {
    let ring = Rc::new(Ring {
        next: RefCell::new(None),
    });
    *ring.next.borrow_mut() = Some(Link(Rc::clone(&ring)));
    let error = copy(&Link(Rc::clone(&ring))).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deserialize);
    assert!(error.to_string().contains("Ring"), "{error}");
    assert_eq!(error.path(), "next");
    assert_eq!(Rc::strong_count(&ring), 2);
    assert_eq!(Rc::weak_count(&ring), 0);
    ring.next.borrow_mut().take();
}

#[derive(Serialize, Deserialize)]
struct Failing {
    #[serde(with = "shared")]
    parent: Weak<Failing>,
    #[serde(deserialize_with = "refuse")]
    refused: u8,
}
fn refuse<'de, D: serde::Deserializer<'de>>(d: D) -> Result<u8, D::Error> {
    u8::deserialize(d)?;
    Err(serde::de::Error::custom("refused"))
}
#[derive(Serialize, Deserialize)]
struct HoldsFailing {
    #[serde(with = "shared")]
    inner: Rc<Failing>,
}

#[test]
fn a_failure_inside_of_a_parent_is_an_error_at_its_place() {
    let source = HoldsFailing {
        inner: Rc::new_cyclic(|parent| Failing {
            parent: parent.clone(),
            refused: 1,
        }),
    };
    let error = copy(&source).map(|_| ()).unwrap_err();
    assert_eq!(error.path(), "inner.refused", "{error}");
    assert_eq!(
        (
            Rc::strong_count(&source.inner),
            Rc::weak_count(&source.inner)
        ),
        (1, 1)
    );
    copy(&pair()).unwrap();
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Both {
        left: Shared<String>,
        right: Shared<String>,
    },
}
#[derive(Serialize, Deserialize)]
struct Flat {
    first: Shared<String>,
    #[serde(flatten)]
    tagged: Tagged,
}
#[derive(Serialize, Deserialize)]
struct Rest {
    first: Shared<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Shared<String>>,
}

#[test]
fn identity_survives_serdes_buffers() {
    let text = Shared(Rc::new("text".to_owned()));
    let source = Flat {
        first: text.clone(),
        tagged: Tagged::Both {
            left: text.clone(),
            right: text.clone(),
        },
    };
    let copied = copy(&source).unwrap();
    let Tagged::Both { left, right } = &copied.tagged;
    for other in [left, right] {
        assert!(Rc::ptr_eq(&copied.first.0, &other.0));
    }
    assert_eq!(Rc::strong_count(&left.0), 3);
    let source = Rest {
        rest: BTreeMap::from([("x".to_owned(), text.clone())]),
        first: text,
    };
    let copied = copy(&source).unwrap();
    assert!(Rc::ptr_eq(&copied.first.0, &copied.rest["x"].0));
}

#[derive(Serialize, Deserialize)]
struct Unsized {
    #[serde(with = "shared")]
    text: Rc<str>,
    #[serde(with = "shared")]
    again: Weak<str>,
    #[serde(with = "shared")]
    row: Arc<[String]>,
    #[serde(with = "shared")]
    row_again: Arc<[String]>,
    #[serde(with = "shared")]
    empty: Weak<[u8]>,
}

#[test]
fn texts_and_slices_keep_their_identity() {
    let (text, row): (Rc<str>, Arc<[String]>) = ("text".into(), ["a".into(), "b".into()].into());
    let outside: Rc<[u8]> = [1].into();
    let source = Unsized {
        again: Rc::downgrade(&text),
        text,
        row_again: Arc::clone(&row),
        row,
        empty: Rc::downgrade(&outside),
    };
    for copied in [copy(&source).unwrap(), copy_verified(&source).unwrap()] {
        assert_eq!((&*copied.text, &*copied.row), (&*source.text, &*source.row));
        assert!(Rc::ptr_eq(&copied.again.upgrade().unwrap(), &copied.text));
        assert!(Arc::ptr_eq(&copied.row, &copied.row_again));
        assert!(!Arc::ptr_eq(&copied.row, &source.row));
        assert_eq!(Rc::strong_count(&copied.text), 1);
        assert_eq!(Arc::strong_count(&copied.row), 2);
        assert!(copied.empty.upgrade().is_none());
    }
}

#[derive(Serialize, Deserialize)]
struct Sibling(#[serde(with = "shared")] Siblings);

type Siblings = Weak<[RefCell<Option<Sibling>>]>;

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Row(#[serde(with = "shared")] Rc<[RefCell<Option<Sibling>>]>);

#[test]
fn a_weak_inside_of_its_own_slice_is_an_error() {
    let row: Rc<[_]> = [RefCell::new(None)].into();
    *row[0].borrow_mut() = Some(Sibling(Rc::downgrade(&row)));
    let error = copy(&Row(row)).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deserialize);
    assert!(error.message().contains("slice"), "{error}");
}

#[test]
fn each_copy_has_its_own_identity() {
    let text = Shared(Rc::new(1));
    let mut copier = Copier::new();
    let (a, b) = (copier.copy(&text).unwrap(), copier.copy(&text).unwrap());
    assert!(!Rc::ptr_eq(&a.0, &b.0));
    assert_eq!(Rc::strong_count(&a.0), 1);
}

#[test]
fn a_plain_value_converts_to_a_shared_one() {
    let shared: Shared<String> = convert("text").unwrap();
    assert_eq!(*shared.0, "text");
}

#[test]
fn a_shared_value_converts_to_a_plain_one() {
    #[derive(Deserialize)]
    struct Plain {
        left: String,
        other: u8,
    }
    let plain: Plain = convert(&pair()).unwrap();
    assert_eq!((plain.left.as_str(), plain.other), ("text", 1));
}

#[cfg(all(feature = "bincode", feature = "postcard", feature = "rmp-serde"))]
#[test]
fn identity_survives_the_byte_codecs() {
    use deepclone_serde::{Bincode, MessagePack, Postcard, copy_with};
    let (root, left) = (node(1), node(2));
    adopt(&root, &left);
    let source = (Child(root.clone()), Child(left), pair());
    let check = |copied: (Child, Child, Pair)| {
        let parent = copied.1.0.borrow().parent.upgrade().unwrap();
        assert!(Rc::ptr_eq(&parent, &copied.0.0));
        assert!(Rc::ptr_eq(&copied.2.left, &copied.2.right));
    };
    check(copy_with(Bincode, &source).unwrap());
    check(copy_with(Postcard, &source).unwrap());
    check(copy_with(MessagePack, &source).unwrap());
}
