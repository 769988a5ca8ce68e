//! An event as clients see it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::change;
use super::conflict::ConflictChangesBody;
use super::op_body::Override;
use super::op_schema::EventData;
use super::raw::RawJson;
use super::text::{OpRef, SessionRef, Text, Time, UserRef};
use crate::domain::Event;

/// A committed operation. `kind` says which form `data` has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub struct EventBody {
    /// Its place in the room's order.
    pub seq: u64,
    /// Client's name for it.
    pub op_id: OpRef,
    /// Who.
    pub user_id: UserRef,
    /// On which connection; absent for REST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<SessionRef>,
    /// When it was decided.
    pub at: Time,
    /// What kind of operation took effect.
    pub kind: &'static str,
    /// What took effect.
    #[schema(value_type = EventData)]
    pub data: RawJson,
    /// The operation that it reverts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<OpRef>,
    /// Why the owner committed it over a `forbid`.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<Override>,
    /// Conflicts that it made or ended; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<ConflictChangesBody>,
}

impl From<&Event> for EventBody {
    fn from(event: &Event) -> Self {
        Self {
            seq: event.seq,
            op_id: Text(event.op_id),
            user_id: Text(event.user_id.clone()),
            session_id: event.session_id.clone().map(Text),
            at: Text(event.at),
            kind: change::kind(&event.change),
            data: change::write(&event.change),
            undoes: event.undoes.map(Text),
            override_reason: event.override_reason.clone().map(|reason| Override { reason }),
            conflicts: ConflictChangesBody::of(&event.conflicts),
        }
    }
}

/// The same, being read from a record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptEvent<'a> {
    seq: u64,
    op_id: OpRef,
    user_id: UserRef,
    session_id: Option<SessionRef>,
    at: Time,
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
    undoes: Option<OpRef>,
    #[serde(rename = "override")]
    override_reason: Option<Override>,
    conflicts: Option<ConflictChangesBody>,
}

/// Reads the wire form; what clients are not told is at its defaults.
///
/// # Errors
/// Text that [`EventBody`] did not write.
pub(super) fn read(wire: &str) -> Result<Event, serde_json::Error> {
    let kept: KeptEvent<'_> = serde_json::from_str(wire)?;
    Ok(Event {
        seq: kept.seq,
        op_id: kept.op_id.0,
        user_id: kept.user_id.0,
        session_id: kept.session_id.map(|id| id.0),
        at: kept.at.0,
        change: change::read(&kept.kind, kept.data)?,
        undoes: kept.undoes.map(|id| id.0),
        override_reason: kept.override_reason.map(|body| body.reason),
        conflicts: kept.conflicts.map(Into::into).unwrap_or_default(),
        inverse: Vec::new(),
    })
}
