//! The versioned record of one event: the only form in the store and on the bus.
//!
//! A record holds the event's wire JSON as it is, so that a reader of the log can pass it on
//! without encoding it again, and beside it what clients are not told: the inverse and the marks.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::event::{self, EventBody};
use super::marks::{self, Marks};
use super::op;
use super::policy::PolicyBody;
use super::raw::RawJson;
use crate::domain::{Event, Policy};

/// The version that this binary writes.
const VERSION: u32 = 1;

/// An event in both its forms.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// As clients see it.
    pub wire: RawJson,
    /// The record.
    pub body: Vec<u8>,
}

/// A record that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Written by a newer binary.
    #[error("record version {0} is not known")]
    Version(u32),
    /// Not a record.
    #[error("malformed record: {0}")]
    Malformed(String),
}

impl From<serde_json::Error> for EnvelopeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    event: &'a RawJson,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inverse: Vec<Value>,
    #[serde(skip_serializing_if = "Marks::is_empty")]
    marks: Marks,
}

#[derive(Deserialize)]
struct Kept<'a> {
    #[serde(borrow)]
    event: &'a RawValue,
    #[serde(default)]
    inverse: Vec<Value>,
    #[serde(default)]
    marks: Marks,
}

/// Encodes an event once, for clients, the store and the bus.
#[must_use]
pub fn encode_event(event: &Event) -> StoredEvent {
    let wire = RawJson::of(&EventBody::from(event));
    let record = Written {
        v: VERSION,
        event: &wire,
        inverse: event.inverse.iter().map(op::write).collect(),
        marks: marks::of_change(&event.change),
    };
    let body = RawJson::of(&record).as_str().as_bytes().to_vec();
    StoredEvent { wire, body }
}

/// Reads a record: the event, and its wire form as it was first written.
///
/// # Errors
/// [`EnvelopeError`] for bytes that no binary of this version wrote.
pub fn decode_event(body: &[u8]) -> Result<(Event, RawJson), EnvelopeError> {
    check_version(body)?;
    let kept: Kept<'_> = serde_json::from_slice(body)?;
    let mut event = event::read(kept.event.get())?;
    marks::put_on_change(&kept.marks, &mut event.change);
    event.inverse = kept
        .inverse
        .into_iter()
        .map(|tree| op::read(tree, "inverse"))
        .collect::<Result<_, _>>()
        .map_err(|invalid| EnvelopeError::Malformed(invalid.to_string()))?;
    Ok((event, RawJson::parsed(kept.event)))
}

/// Refuses records of another version before their form is looked at.
pub(super) fn check_version(body: &[u8]) -> Result<(), EnvelopeError> {
    #[derive(Deserialize)]
    struct Head {
        v: u32,
    }
    let head: Head = serde_json::from_slice(body)?;
    if head.v == VERSION { Ok(()) } else { Err(EnvelopeError::Version(head.v)) }
}

/// A policy as the store keeps it.
#[must_use]
pub fn encode_policy(policy: Policy) -> Vec<u8> {
    RawJson::of(&PolicyBody::from(policy)).as_str().as_bytes().to_vec()
}

/// Reads a kept policy.
///
/// # Errors
/// [`EnvelopeError::Malformed`] for bytes that are no policy.
pub fn decode_policy(body: &[u8]) -> Result<Policy, EnvelopeError> {
    Ok(serde_json::from_slice::<PolicyBody>(body)?.into())
}
