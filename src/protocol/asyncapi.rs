//! The AsyncAPI 3 document of all messages, made from the types that encode and decode them.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::SUBPROTOCOL_JSON;
use super::error::{ConflictDetails, WireError};
use super::op_schema::{Named, collect};
use super::presence::PresenceBody;
use super::push::{Draining, Events, Expiry, LockChanges, Resync, RoomClosed, Welcome};
use super::reply::{AckBody, HistoryBody, Joined, Left, Locked, Pong, SnapshotBody, Unlocked};
use super::request::{
    CursorMoveBody, HistoryRequestBody, JoinBody, LockBody, Nothing, OpBody, RoomBody,
    SelectionChangeBody, SnapshotRequestBody, TokenBody, UnlockBody,
};

/// Who sends a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

impl Side {
    fn prefix(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    /// The field beside `type` that ties request and reply together.
    fn correlation(self) -> &'static str {
        match self {
            Self::Client => "id",
            Self::Server => "re",
        }
    }
}

/// A message: its `type` and the schemas that its fields are all of.
struct Entry {
    side: Side,
    kind: &'static str,
    bodies: Vec<String>,
}

/// The document.
#[must_use]
pub fn asyncapi_json() -> Value {
    let mut schemas = Vec::new();
    let entries = entries(&mut schemas);
    collect::<ConflictDetails>(&mut schemas);
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "kyo-collaboration",
            "version": "1",
            "description": "Realtime collaboration on gym timetables: messages of kyo.v1.",
        },
        "defaultContentType": "application/json",
        "channels": { "socket": {
            "address": "/api/collaboration/ws",
            "description": format!("WebSocket; subprotocol {SUBPROTOCOL_JSON} or its MessagePack twin."),
            "messages": entries.iter().map(channel_message).collect::<Map<_, _>>(),
        } },
        "operations": {
            "requests": operation("receive", Side::Client, &entries),
            "messages": operation("send", Side::Server, &entries),
        },
        "components": {
            "messages": entries.iter().map(message).collect::<Map<_, _>>(),
            "schemas": schemas
                .into_iter()
                .map(|(name, schema)| (name, json!(schema)))
                .collect::<Map<_, _>>(),
        },
    })
}

fn entries(schemas: &mut Vec<Named>) -> Vec<Entry> {
    let mut entries = client_entries(schemas);
    entries.extend(server_entries(schemas));
    entries
}

fn client_entries(schemas: &mut Vec<Named>) -> Vec<Entry> {
    let client = |kind, bodies| Entry { side: Side::Client, kind, bodies };
    vec![
        client("authenticate", vec![collect::<TokenBody>(schemas)]),
        client("refresh", vec![collect::<TokenBody>(schemas)]),
        client("ping", vec![collect::<Nothing>(schemas)]),
        client("join", vec![collect::<JoinBody>(schemas)]),
        client("leave", vec![collect::<RoomBody>(schemas)]),
        client("op", vec![collect::<RoomBody>(schemas), collect::<OpBody>(schemas)]),
        client("cursor_move", vec![collect::<CursorMoveBody>(schemas)]),
        client("selection_change", vec![collect::<SelectionChangeBody>(schemas)]),
        client("lock", vec![collect::<LockBody>(schemas)]),
        client("unlock", vec![collect::<UnlockBody>(schemas)]),
        client("history", vec![collect::<HistoryRequestBody>(schemas)]),
        client("snapshot", vec![collect::<SnapshotRequestBody>(schemas)]),
    ]
}

fn server_entries(schemas: &mut Vec<Named>) -> Vec<Entry> {
    vec![
        server::<Welcome>("welcome", schemas),
        server::<Expiry>("refreshed", schemas),
        server::<Expiry>("token_expiring", schemas),
        server::<Pong>("pong", schemas),
        server::<Draining>("draining", schemas),
        server::<Joined>("joined", schemas),
        server::<Left>("left", schemas),
        server::<Events>("events", schemas),
        server::<Resync>("resync", schemas),
        server::<RoomClosed>("room_closed", schemas),
        server::<AckBody>("ack", schemas),
        server::<PresenceBody>("presence", schemas),
        server::<LockChanges>("locks", schemas),
        server::<Locked>("locked", schemas),
        server::<Unlocked>("unlocked", schemas),
        server::<HistoryBody>("history", schemas),
        server::<SnapshotBody>("snapshot", schemas),
        server::<WireError>("error", schemas),
    ]
}

fn server<T: ToSchema>(kind: &'static str, schemas: &mut Vec<Named>) -> Entry {
    Entry { side: Side::Server, kind, bodies: vec![collect::<T>(schemas)] }
}

fn name(entry: &Entry) -> String {
    format!("{}.{}", entry.side.prefix(), entry.kind)
}

fn message(entry: &Entry) -> (String, Value) {
    let head = json!({
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": { "const": entry.kind },
            (entry.side.correlation()): { "type": "number" },
        },
    });
    let bodies =
        entry.bodies.iter().map(|body| json!({ "$ref": format!("#/components/schemas/{body}") }));
    let all: Vec<_> = std::iter::once(head).chain(bodies).collect();
    (name(entry), json!({ "name": entry.kind, "payload": { "allOf": all } }))
}

fn channel_message(entry: &Entry) -> (String, Value) {
    let name = name(entry);
    let reference = json!({ "$ref": format!("#/components/messages/{name}") });
    (name, reference)
}

fn operation(action: &str, side: Side, entries: &[Entry]) -> Value {
    let messages: Vec<_> = entries
        .iter()
        .filter(|entry| entry.side == side)
        .map(|entry| json!({ "$ref": format!("#/channels/socket/messages/{}", name(entry)) }))
        .collect();
    json!({ "action": action, "channel": { "$ref": "#/channels/socket" }, "messages": messages })
}
