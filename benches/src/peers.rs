//! Impls for the crate called `deepclone` on crates.io, as its derive writes them; it can only name the crate `::deepclone`, which
//! is ours here.

macro_rules! peer_struct {
    ($($of:ty { $($field:ident),* $(,)? })*) => {$(
        impl peer::DeepClone for $of {
            fn deep_clone_in(&self, cloner: &mut peer::Cloner) -> Self {
                Self { $($field: peer::DeepClone::deep_clone_in(&self.$field, cloner)),* }
            }
        }
    )*};
}

macro_rules! peer_enum {
    ($of:ty { $($variant:ident $(( $($field:ident),* ))?),* $(,)? }) => {
        impl peer::DeepClone for $of {
            #[allow(unused_variables, reason = "variants without fields don't ask for it")]
            fn deep_clone_in(&self, cloner: &mut peer::Cloner) -> Self {
                match self {
                    $(Self::$variant $(( $($field),* ))? => {
                        Self::$variant $(( $(peer::DeepClone::deep_clone_in($field, cloner)),* ))?
                    })*
                }
            }
        }
    };
}

pub(crate) use {peer_enum, peer_struct};
