//! Contenders that copy through serde.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::workload::Builder;

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
impl<T: Serialize + DeserializeOwned + 'static> Builder<T> {
    /// Says that these contenders were left out when this was compiled.
    pub(crate) fn through_serde(self) -> Self {
        self.not_through_serde("built without the feature `serialized`")
    }
}
