//! Contenders that copy through serde.

#[cfg(feature = "serialized")]
use serde::{Serialize, de::DeserializeOwned};

use crate::workload::Builder;

/// A shared pointer as the root of a copy through serde, for which it has to be a field.
#[cfg_attr(
    feature = "serialized",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        transparent,
        bound(
            serialize = "P: deepclone_serde::shared::SharedPointer, P::Target: Serialize",
            deserialize = "P: deepclone_serde::shared::SharedPointer, P::Owned: DeserializeOwned"
        )
    )
)]
pub(crate) struct Edge<P>(
    #[cfg_attr(feature = "serialized", serde(with = "deepclone_serde::shared"))] pub(crate) P,
);

/// A vector of shared pointers as the root of a copy through serde.
#[cfg_attr(
    feature = "serialized",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        transparent,
        bound(
            serialize = "P: deepclone_serde::shared::SharedPointer, P::Target: Serialize",
            deserialize = "P: deepclone_serde::shared::SharedPointer, P::Owned: DeserializeOwned"
        )
    )
)]
pub(crate) struct Edges<P>(
    #[cfg_attr(feature = "serialized", serde(with = "edges"))] pub(crate) Vec<P>,
);

/// `deepclone_serde::shared` for a field that is a vector of pointers.
#[cfg(feature = "serialized")]
pub(crate) mod edges {
    use deepclone_serde::shared::{self, SharedPointer};
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Edge;

    struct Borrowed<'a, P>(&'a P);

    impl<P: SharedPointer<Target: Serialize>> Serialize for Borrowed<'_, P> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            shared::serialize(self.0, serializer)
        }
    }

    pub(crate) fn serialize<P, S>(pointers: &[P], serializer: S) -> Result<S::Ok, S::Error>
    where
        P: SharedPointer<Target: Serialize>,
        S: Serializer,
    {
        serializer.collect_seq(pointers.iter().map(Borrowed))
    }

    /// The vector keeps its place in memory: an edge is laid out as its pointer.
    pub(crate) fn deserialize<'de, P, D>(deserializer: D) -> Result<Vec<P>, D::Error>
    where
        P: SharedPointer<Owned: DeserializeOwned>,
        D: Deserializer<'de>,
    {
        let edges = Vec::<Edge<P>>::deserialize(deserializer)?;
        Ok(edges.into_iter().map(|edge| edge.0).collect())
    }
}

#[cfg(feature = "serialized")]
impl<T: Serialize + DeserializeOwned + 'static> Builder<T> {
    /// `deepclone_serde::copy` with each codec. One that can't keep this value is asked for the reason.
    pub(crate) fn through_serde(self) -> Self {
        use deepclone_serde::{Bincode, MessagePack, Postcard, Tape};
        self.codec("serde, tape", Tape)
            .codec("serde, MessagePack", MessagePack)
            .codec("serde, bincode", Bincode)
            .codec("serde, postcard", Postcard)
    }

    fn codec<C: deepclone_serde::Codec + 'static>(mut self, name: &'static str, codec: C) -> Self {
        use crate::contender::{Contender, Role};
        use deepclone_serde::copy_with;
        match copy_with(codec.clone(), &*self.source) {
            Ok(copy) => {
                (self.retire)(copy);
                self.contender(Role::Serde, name, move |source| {
                    copy_with(codec.clone(), source).expect("it has copied this value before")
                })
            }
            Err(error) => {
                self.workload.contenders.push(Contender {
                    role: Role::Serde,
                    name,
                    copy: Err(error.to_string()),
                });
                self
            }
        }
    }
}

#[cfg(not(feature = "serialized"))]
impl<T: 'static> Builder<T> {
    /// Says that these contenders were left out when this was compiled.
    pub(crate) fn through_serde(self) -> Self {
        self.not_through_serde("built without the feature `serialized`")
    }
}
