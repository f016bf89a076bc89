//! The error type while a copy runs: what serde's traits ask for, one pointer wide, without a place. The place is
//! collected by whoever passes the fault on; see [`crate::path`].

use crate::error::ErrorKind;
use serde::{de, ser};
use std::fmt::{self, Display};

/// A failure on its way up. Its type also tells a value's code that it runs inside one of our copies; see
/// [`crate::shared`].
pub(crate) struct Fault(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    message: String,
}

impl Fault {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            message: message.into(),
        }))
    }

    pub(crate) fn into_parts(self) -> (ErrorKind, String) {
        (self.0.kind, self.0.message)
    }
}

impl ser::Error for Fault {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::new(ErrorKind::Serialize, message.to_string())
    }
}

impl de::Error for Fault {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::new(ErrorKind::Deserialize, message.to_string())
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)
    }
}

impl std::error::Error for Fault {}
