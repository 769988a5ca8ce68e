//! What one replica tells the others about committed events: the records themselves, so that a
//! replica that heard it need not ask the store.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::envelope::{EnvelopeError, decode_event};
use super::raw::RawJson;
use crate::domain::Event;

/// The version that this binary writes.
const VERSION: u32 = 1;

/// Committed events, decoded.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Which log.
    pub epoch: i64,
    /// Sequence number of the first event.
    pub first: u64,
    /// Checksum of the state after the last.
    pub digest: u32,
    /// When they were told, in Unix milliseconds by the teller's clock.
    pub at: Option<i64>,
    /// In order, without gaps, each with its wire JSON; at least one.
    pub events: Vec<(Event, RawJson)>,
    /// Which of them are traced.
    pub traces: Vec<TraceOf>,
}

/// That an event is traced, and what its delivery is a child of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceOf {
    /// Which.
    pub seq: u64,
    /// As W3C writes it; not read here.
    pub traceparent: String,
}

#[derive(Serialize, Deserialize)]
struct Message<'a> {
    v: u32,
    epoch: i64,
    first: u64,
    digest: u32,
    /// Absent in what earlier replicas say; ignored by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<i64>,
    /// As above. What can't be read costs its trace alone.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    traces: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

/// Encodes committed events, told `at` in Unix milliseconds; `records` are their envelopes, and
/// `traces` names those that are traced.
#[must_use]
pub fn encode_relay<'a>(
    epoch: i64,
    first: u64,
    digest: u32,
    at: i64,
    traces: &[TraceOf],
    records: impl Iterator<Item = &'a [u8]>,
) -> Bytes {
    let records = records.filter_map(|record| serde_json::from_slice(record).ok()).collect();
    let traces = (!traces.is_empty()).then(|| RawJson::of(&traces));
    let traces = traces.as_ref().map(RawJson::raw);
    let message = Message { v: VERSION, epoch, first, digest, at: Some(at), traces, records };
    serde_json::to_vec(&message).unwrap_or_default().into()
}

/// Reads what another replica told.
///
/// # Errors
/// When it is not of a known version or holds no events: the store has them in any case.
pub fn decode_relay(payload: &[u8]) -> Result<Relay, EnvelopeError> {
    let message: Message<'_> = serde_json::from_slice(payload)?;
    if message.v != VERSION {
        return Err(EnvelopeError::Version(message.v));
    }
    let records = message.records.iter().map(|record| decode_event(record.get().as_bytes()));
    let events: Vec<_> = records.collect::<Result<_, _>>()?;
    let gapless = (message.first..).zip(&events).all(|(seq, (event, _))| event.seq == seq);
    if events.is_empty() || !gapless {
        return Err(EnvelopeError::Malformed("events are missing".to_owned()));
    }
    let traces = message.traces.and_then(|traces| serde_json::from_str(traces.get()).ok());
    let Message { epoch, first, digest, at, .. } = message;
    Ok(Relay { epoch, first, digest, at, events, traces: traces.unwrap_or_default() })
}
