//! Messages and records: what comes in, what is kept, what goes out.

use std::hint::black_box;

use kyo_collaboration::domain::{OpId, RoomId};
use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::client::decode;
use kyo_collaboration::protocol::envelope::{StoredEvent, decode_event, encode_event};
use kyo_collaboration::protocol::presence::{Cursor, PresenceBody, PresenceChange};
use kyo_collaboration::protocol::raw::RawJson;
use kyo_collaboration::protocol::server::{AckBody, Events, ServerMessage, encode};
use kyo_collaboration::protocol::state::digest_text;
use kyo_collaboration::protocol::text::Text;
use serde_json::{Number, Value, json};
use uuid::Uuid;

use super::Bench;
use super::desk::{Desk, course_id, room, session};

fn a_move() -> Value {
    json!({
        "type": "op",
        "id": 7,
        "room": Uuid::nil(),
        "opId": Uuid::from_u128(7),
        "baseVersion": 1,
        "op": {
            "kind": "course_move",
            "courseId": course_id(500).as_str(),
            "startsAt": "2026-01-07T14:35:00Z",
            "endsAt": "2026-01-07T15:35:00Z",
            "trainerId": "trainer-0",
            "studioId": "studio-0",
        },
    })
}

fn a_cursor() -> Value {
    json!({ "type": "cursor_move", "room": Uuid::nil(), "x": 412.5, "y": 96.25,
        "componentId": "course-500", "componentType": "course" })
}

fn stored() -> StoredEvent {
    encode_event(&Desk::new().event(&room(), 500))
}

pub fn decode_json<B: Bench>(bench: &mut B) {
    let text = a_move().to_string();
    bench.work(|| (), |()| decode(Framing::Json, text.as_bytes()).expect("is understood"));
}

pub fn decode_msgpack<B: Bench>(bench: &mut B) {
    let bytes = rmp_serde::to_vec_named(&a_move()).expect("a tree can be written");
    bench.work(|| (), |()| decode(Framing::MessagePack, &bytes).expect("is understood"));
}

pub fn decode_cursor<B: Bench>(bench: &mut B) {
    let text = a_cursor().to_string();
    bench.work(|| (), |()| decode(Framing::Json, text.as_bytes()).expect("is understood"));
}

pub fn encode_record<B: Bench>(bench: &mut B) {
    let event = Desk::new().event(&room(), 500);
    bench.work(|| (), |()| encode_event(&event));
}

pub fn decode_record<B: Bench>(bench: &mut B) {
    let StoredEvent { body, .. } = stored();
    bench.work(|| (), |()| decode_event(&body).expect("just written"));
}

pub fn encode_ack<B: Bench>(bench: &mut B) {
    let re = Number::from(7);
    let ack = || AckBody {
        room: Text(RoomId(Uuid::nil())),
        op_id: Text(OpId(Uuid::from_u128(7))),
        seq: Some(1_001),
        duplicate: false,
        warnings: Vec::new(),
    };
    bench.work(ack, |ack| encode(Some(&re), &ServerMessage::Ack(ack)).wire(Framing::Json));
}

/// The message of one committed move.
pub fn committed() -> impl FnMut() -> ServerMessage {
    let StoredEvent { wire, .. } = stored();
    move || {
        let (room, events) = (Text(RoomId(Uuid::nil())), vec![wire.clone()]);
        let digest = digest_text(0x00c0_ffee);
        ServerMessage::Events(Events { room, first: 1_001, events, digest })
    }
}

pub fn events_json<B: Bench>(bench: &mut B) {
    bench.work(committed(), |message| encode(None, &message).wire(Framing::Json));
}

pub fn events_msgpack<B: Bench>(bench: &mut B) {
    bench.work(committed(), |message| encode(None, &message).wire(Framing::MessagePack));
}

pub fn events_socketio<B: Bench>(bench: &mut B) {
    bench.work(committed(), |message| {
        let frame = encode(None, &message);
        black_box(frame.event());
        frame
    });
}

/// One session's frame of a tick: the changes were encoded once for all sessions.
pub fn encode_presence<B: Bench>(bench: &mut B) {
    let cursor = Cursor { x: 412.5, y: 96.25, component_id: None, component_type: None };
    let change = PresenceChange {
        session_id: Text(session()),
        cursor: Some(cursor),
        selection: None,
        state: None,
    };
    let changed = vec![RawJson::of(&change); 20];
    let presence = || PresenceBody {
        room: Text(RoomId(Uuid::nil())),
        joined: Vec::new(),
        left: Vec::new(),
        changed: changed.clone(),
    };
    bench.work(presence, |body| encode(None, &ServerMessage::Presence(body)).wire(Framing::Json));
}
