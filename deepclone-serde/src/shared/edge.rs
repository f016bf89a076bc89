//! One edge: written as a pair of the target's number and, the first time, its content; read back to one allocation.

use crate::fault::Fault;
use crate::shared::pointer::{Edge, SharedPointer, Strong};
use crate::shared::root::Target;
use crate::shared::scope::{self, Found, Written};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeTuple, Serializer};
use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

/// The name of the newtype around an edge. Compared by address: no one else has it.
pub(crate) static TOKEN: &str = "$deepclone_serde::shared";

/// Whether `E` is the error of our own serializers and deserializers, and so, with whatever stands between, one of them is
/// at work.
fn is_ours<E>() -> bool {
    let (a, b) = (type_name::<E>(), type_name::<Fault>());
    (std::ptr::eq(a, b) || a == b) && scope::is_running()
}

/// Writes a shared pointer; for `#[serde(with = "deepclone_serde::shared")]`.
///
/// # Examples
///
/// Outside of a copy the pointee alone is written:
///
/// ```
/// use serde::Serialize;
/// use std::rc::Rc;
///
/// #[derive(Serialize)]
/// struct Page { #[serde(serialize_with = "deepclone_serde::shared::serialize")] title: Rc<String> }
///
/// let page = Page { title: Rc::new("one".into()) };
/// assert_eq!(serde_json::to_string(&page).unwrap(), r#"{"title":"one"}"#);
/// ```
///
/// # Errors
///
/// Those of the pointee's `Serialize`.
pub fn serialize<P, S>(pointer: &P, serializer: S) -> Result<S::Ok, S::Error>
where
    P: SharedPointer,
    P::Target: Serialize,
    S: Serializer,
{
    let edge = pointer.edge();
    if !is_ours::<S::Error>() {
        return match edge {
            Edge::Strong(strong) => strong.target().serialize(serializer),
            Edge::Weak(strong) => serializer.serialize_some(strong.target()),
            Edge::Dangling => serializer.serialize_none(),
        };
    }
    let (strong, written) = match edge {
        Edge::Strong(strong) => {
            let pin = || Box::new(strong.downgrade()) as _;
            let written = scope::strong_edge(target(&strong), pin);
            (Some(strong), written)
        }
        Edge::Weak(strong) => {
            let pin = || Box::new(strong.downgrade()) as _;
            let written = scope::weak_edge(target(&strong), pin);
            (Some(strong), written)
        }
        Edge::Dangling => (None, Some(Written::Alone(u32::MAX))),
    };
    match (written, &strong) {
        (Some(Written::WithContent(id)), Some(strong)) => {
            let pair = Pair {
                id,
                content: Some(strong.target()),
            };
            let result = serializer.serialize_newtype_struct(TOKEN, &pair);
            scope::close(id);
            result
        }
        (Some(Written::Alone(id)), _) => {
            let pair = Pair::<P::Target> { id, content: None };
            serializer.serialize_newtype_struct(TOKEN, &pair)
        }
        _ => Err(S::Error::custom("the copy ended while it was written")),
    }
}

fn target<S: Strong>(strong: &S) -> Target {
    Target {
        address: strong.address(),
        size: size_of_val(strong.target()),
        name: type_name::<S::Target>(),
    }
}

struct Pair<'a, T: ?Sized> {
    id: u32,
    content: Option<&'a T>,
}

impl<T: ?Sized + Serialize> Serialize for Pair<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        pair.serialize_element(&self.id)?;
        pair.serialize_element(&self.content)?;
        pair.end()
    }
}

/// Reads a shared pointer; for `#[serde(with = "deepclone_serde::shared")]`.
///
/// # Examples
///
/// Outside of a copy the pointee alone is read:
///
/// ```
/// use serde::Deserialize;
/// use std::rc::Rc;
///
/// #[derive(Deserialize)]
/// struct Page { #[serde(deserialize_with = "deepclone_serde::shared::deserialize")] title: Rc<String> }
///
/// let page: Page = serde_json::from_str(r#"{"title":"one"}"#).unwrap();
/// assert_eq!(*page.title, "one");
/// ```
///
/// # Errors
///
/// Those of the pointee's `Deserialize`, and, inside a copy, an edge whose target does not exist yet: a cycle of strong
/// edges.
pub fn deserialize<'de, P, D>(deserializer: D) -> Result<P, D::Error>
where
    P: SharedPointer,
    P::Owned: DeserializeOwned,
    D: Deserializer<'de>,
{
    let visitor = EdgeVisitor(PhantomData);
    if is_ours::<D::Error>() {
        return deserializer.deserialize_newtype_struct(TOKEN, visitor);
    }
    if P::from_weak(P::Strong::dangling()).is_some() {
        // No one would hold the pointee.
        let _pointee = <Option<P::Owned> as serde::Deserialize>::deserialize(deserializer)?;
        return P::from_weak(P::Strong::dangling())
            .ok_or_else(|| D::Error::custom("a weak edge can't dangle"));
    }
    visitor.visit_some(deserializer)
}

struct EdgeVisitor<P>(PhantomData<P>);

impl<'de, P> Visitor<'de> for EdgeVisitor<P>
where
    P: SharedPointer,
    P::Owned: DeserializeOwned,
{
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shared pointer")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<P, D::Error> {
        deserializer.deserialize_tuple(2, self)
    }

    /// A plain value.
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<P, D::Error> {
        let target = serde::Deserialize::deserialize(deserializer)?;
        Ok(P::from_strong(P::Strong::new(target)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<P, A::Error> {
        let lacking = || A::Error::custom("a shared edge without its parts");
        let number: u32 = pair.next_element()?.ok_or_else(lacking)?;
        let content = Content::<P::Strong>(number, PhantomData);
        if let Some(strong) = pair.next_element_seed(content)?.ok_or_else(lacking)? {
            return Ok(P::from_strong(strong));
        }
        match scope::find::<P::Strong>(number) {
            Found::Done(strong) => Ok(P::from_strong(strong)),
            Found::Open(weak) => P::from_weak(weak).ok_or_else(|| {
                A::Error::custom(format!(
                    "a cycle of strong edges through `{}` can't be rebuilt from its parts",
                    type_name::<P::Target>()
                ))
            }),
            Found::Unknown if number == 0 => P::from_weak(P::Strong::dangling())
                .ok_or_else(|| A::Error::custom("a strong edge to nothing")),
            Found::Unknown => Err(A::Error::custom(format!(
                "an edge to a `{}` that is not made yet",
                type_name::<P::Target>()
            ))),
        }
    }
}

/// The second half of a pair.
struct Content<S>(u32, PhantomData<S>);

impl<'de, S> DeserializeSeed<'de> for Content<S>
where
    S: Strong,
    S::Owned: DeserializeOwned,
{
    type Value = Option<S>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<S>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, S> Visitor<'de> for Content<S>
where
    S: Strong,
    S::Owned: DeserializeOwned,
{
    type Value = Option<S>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the content of a shared allocation, or none")
    }

    fn visit_none<E: Error>(self) -> Result<Option<S>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<S>, D::Error> {
        let number = self.0;
        let strong = if scope::is_cyclic(number) {
            if cfg!(panic = "abort") {
                return Err(D::Error::custom(
                    "an edge to a parent can be rebuilt only with `panic = \"unwind\"`",
                ));
            }
            let made = S::cyclic(|weak| {
                scope::opened::<S>(number, weak);
                serde::Deserialize::deserialize(deserializer)
            });
            made.ok_or_else(|| {
                D::Error::custom(
                    "a weak edge inside of the slice that it leads to can't be rebuilt",
                )
            })??
        } else {
            S::new(serde::Deserialize::deserialize(deserializer)?)
        };
        scope::finished(number, &strong);
        Ok(Some(strong))
    }
}
