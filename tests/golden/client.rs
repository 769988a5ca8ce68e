//! Every client message in both framings, with what it decodes to.

use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::client::{CLIENT_TYPES, decode};
use kyo_collaboration::protocol::op::OP_KINDS;
use serde_json::{Value, json};

use super::file::{check, hex, msgpack};

const ROOM: &str = "019b8f6e-3c00-7000-8000-000000000001";
const OP: &str = "019b8f6e-3c00-7000-8000-0000000000aa";

pub fn ops() -> Vec<(&'static str, Value)> {
    let course = json!({
        "title": "Morning yoga", "startsAt": "2026-01-05T13:00:00Z",
        "endsAt": "2026-01-05T15:00:00+01:00", "trainerId": "ana", "studioId": null,
        "capacity": 12, "color": "#1F77B4", "tags": ["yoga"],
    });
    let slot = json!({
        "weekday": 1, "start": "07:30", "minutes": 45, "title": "Spin", "studioId": "hall",
    });
    let create = json!({ "kind": "course_create", "course": course });
    let delete = json!({ "kind": "course_delete", "courseId": "c-1" });
    vec![
        ("course_create", create.clone()),
        (
            "course_update",
            json!({
                "kind": "course_update", "courseId": "c-1",
                "patch": { "title": "Yin", "trainerId": null, "capacity": 8, "tags": null },
            }),
        ),
        (
            "course_move",
            json!({
                "kind": "course_move", "courseId": "c-1", "startsAt": "2026-01-05T13:00:00.250Z",
                "trainerId": null, "studioId": "hall", "override": { "reason": "both agreed" },
            }),
        ),
        ("course_delete", delete.clone()),
        (
            "resource_upsert",
            json!({
                "kind": "resource_upsert",
                "resource": { "id": "hall", "kind": "studio", "name": "Great hall", "overlap": "warn" },
            }),
        ),
        ("resource_delete", json!({ "kind": "resource_delete", "resourceId": "hall" })),
        (
            "template_save",
            json!({
                "kind": "template_save", "template": { "name": "Winter", "slots": [slot] },
            }),
        ),
        ("template_delete", json!({ "kind": "template_delete", "templateId": "t-1" })),
        (
            "template_apply",
            json!({
                "kind": "template_apply", "templateId": "t-1", "from": "2026-01-05",
                "to": "2026-01-11", "onConflict": "skip",
            }),
        ),
        ("batch", json!({ "kind": "batch", "ops": [create, delete] })),
        ("undo", json!({ "kind": "undo" })),
        ("redo", json!({ "kind": "redo", "opId": OP })),
        ("restore", json!({ "kind": "restore", "seq": 12 })),
        (
            "policy_set",
            json!({
                "kind": "policy_set", "policy": { "staleEdits": "strict", "defaultOverlap": "allow" },
            }),
        ),
    ]
}

pub fn messages() -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = [
        json!({ "type": "authenticate", "id": 1, "token": "aaa.bbb.ccc" }),
        json!({ "type": "refresh", "id": 2, "token": "aaa.bbb.ccc" }),
        json!({ "type": "ping", "id": 3 }),
        json!({
            "type": "join", "id": 4, "room": ROOM, "since": { "epoch": 1_767_614_400, "seq": 41 },
            "profile": { "color": "#FF8800", "avatar": "https://example.org/ana.png" },
        }),
        json!({ "type": "leave", "id": 5, "room": ROOM }),
        json!({
            "type": "cursor_move", "room": ROOM, "x": 12, "y": 0.5, "componentId": "week",
            "componentType": "grid",
        }),
        json!({
            "type": "selection_change", "room": ROOM,
            "selection": {
                "startTime": "2026-01-05T13:00:00Z", "endTime": "2026-01-05T14:00:00Z",
                "courseIds": ["c-1"], "kind": "range",
            },
        }),
        json!({ "type": "lock", "id": 6, "room": ROOM, "courseId": "c-1", "ttlMs": 30_000 }),
        json!({ "type": "unlock", "id": 7, "room": ROOM, "courseId": "c-1", "token": "17" }),
        json!({ "type": "history", "id": 8, "room": ROOM, "before": 100, "limit": 50 }),
        json!({ "type": "snapshot", "id": 9, "room": ROOM, "seq": 0 }),
    ]
    .into_iter()
    .map(|message| (message["type"].as_str().expect("messages have a type").to_owned(), message))
    .collect();
    all.extend(ops().into_iter().map(|(kind, op)| {
        let message = json!({
            "type": "op", "id": 10, "room": ROOM, "opId": OP, "op": op, "baseVersion": 3,
            "dryRun": false,
        });
        (format!("op_{kind}"), message)
    }));
    all
}

#[test]
fn every_message_decodes_alike_in_both_framings() {
    for (name, message) in messages() {
        let text = message.to_string();
        let packed = msgpack(&message);
        let request = decode(Framing::Json, text.as_bytes());
        assert_eq!(decode(Framing::MessagePack, &packed), request, "{name}");
        let request = request.unwrap_or_else(|bad| panic!("{name}: {bad:?}"));
        let golden = format!("{text}\n\n{}\n\n{request:#?}\n", hex(&packed));
        check(&format!("client/{name}.golden"), &golden);
    }
}

#[test]
fn no_kind_is_forgotten() {
    let messages = messages();
    for kind in CLIENT_TYPES {
        assert!(messages.iter().any(|(_, message)| message["type"] == kind), "{kind}");
    }
    for kind in OP_KINDS {
        assert!(messages.iter().any(|(name, _)| *name == format!("op_{kind}")), "{kind}");
    }
}

#[test]
fn a_room_that_is_no_uuid_is_a_room_that_is_not_there() {
    let request = decode(Framing::Json, br#"{"type":"leave","room":"gym"}"#).unwrap();
    assert_eq!(format!("{:?}", request.message), "Leave { room: None }");
}

#[test]
fn unknown_fields_are_ignored() {
    let request = decode(Framing::Json, br#"{"type":"ping","id":1,"later":{"x":[1]}}"#);
    assert!(request.is_ok());
}
