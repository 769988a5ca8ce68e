//! JSON text that is known to be valid and is put into larger messages as it is.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// Shared JSON text, made once and spliced by reference; never parsed again to be sent.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct RawJson(Arc<RawValue>);

impl RawJson {
    /// The JSON of a value of ours.
    ///
    /// # Panics
    /// Never for the types of this module: they have string keys and finite numbers or null.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        Self(to_raw_value(value).expect("wire types have string keys").into())
    }

    /// Takes over text that a parser has accepted.
    #[must_use]
    pub fn parsed(value: &RawValue) -> Self {
        Self(value.to_owned().into())
    }

    /// For messages of this module that have it inside.
    pub(super) fn raw(&self) -> &RawValue {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_str().len()
    }

    /// Whether there is no text; never so, JSON has at least one character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
