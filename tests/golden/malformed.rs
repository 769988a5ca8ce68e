//! Malformed input and the exact answer to it.

use std::fmt::Write;

use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::client::{decode, decode_op};
use kyo_collaboration::protocol::server::encode_error;
use serde_json::{Value, json};

use super::client::messages;
use super::file::{check, hex, msgpack};

const ROOM: &str = "019b8f6e-3c00-7000-8000-000000000001";
const OP: &str = "019b8f6e-3c00-7000-8000-0000000000aa";

fn answer(framing: Framing, bytes: &[u8]) -> String {
    match decode(framing, bytes) {
        Ok(request) => format!("accepted {request:?}"),
        Err(bad) => encode_error(bad.id.as_ref(), bad.error).json().to_string(),
    }
}

fn op(op: &Value) -> Value {
    json!({ "type": "op", "id": 9, "room": ROOM, "opId": OP, "op": op })
}

fn create(change: impl FnOnce(&mut Value)) -> Value {
    let mut course = json!({
        "title": "Yoga", "startsAt": "2026-01-05T13:00:00Z", "endsAt": "2026-01-05T14:00:00Z",
    });
    change(&mut course);
    op(&json!({ "kind": "course_create", "course": course }))
}

/// The course of a `course_create` with one field set.
fn with(field: &str, value: Value) -> Value {
    create(|course| course[field] = value)
}

fn heads() -> Vec<Value> {
    vec![
        json!([]),
        json!(7),
        json!({}),
        json!({ "id": 1 }),
        json!({ "id": 1, "type": 5 }),
        json!({ "id": 1, "type": "dance" }),
        json!({ "id": "one", "type": "ping" }),
    ]
}

fn requests() -> Vec<Value> {
    let room = |mut message: Value| {
        message["room"] = ROOM.into();
        message["id"] = 9.into();
        message
    };
    vec![
        json!({ "id": 9, "type": "authenticate" }),
        json!({ "id": 9, "type": "authenticate", "token": "" }),
        json!({ "id": 9, "type": "join" }),
        json!({ "id": 9, "type": "join", "room": 5 }),
        room(json!({ "type": "join", "since": { "epoch": 1 } })),
        room(json!({ "type": "join", "since": { "epoch": 1, "seq": -1 } })),
        room(json!({ "type": "join", "profile": { "color": "red" } })),
        room(json!({ "type": "join", "profile": { "avatar": "a".repeat(501) } })),
        room(json!({ "type": "cursor_move", "x": "left", "y": 1 })),
        room(json!({ "type": "cursor_move", "x": 1 })),
        room(json!({ "type": "selection_change", "selection": { "startTime": "noon" } })),
        room(json!({ "type": "selection_change", "selection": { "courseIds": [""] } })),
        room(json!({ "type": "selection_change", "selection": { "courseIds": vec!["c"; 101] } })),
        room(json!({ "type": "lock", "courseId": "c-1", "ttlMs": 0 })),
        room(json!({ "type": "unlock", "courseId": "c-1", "token": "x1" })),
        room(json!({ "type": "history", "before": 5, "after": 1 })),
        room(json!({ "type": "history", "limit": 0 })),
        room(json!({ "type": "history", "limit": 501 })),
        room(json!({ "type": "snapshot", "seq": 1.5 })),
    ]
}

fn operations() -> Vec<Value> {
    let nested = json!({ "kind": "batch", "ops": [{ "kind": "undo" }] });
    let named = json!({ "kind": "course_delete", "courseId": "c-1" });
    let overriding = json!({
        "kind": "course_delete", "courseId": "c-1", "override": { "reason": "because" },
    });
    vec![
        json!({ "id": 9, "type": "op", "room": ROOM, "opId": "7", "op": named }),
        json!({ "id": 9, "type": "op", "room": ROOM, "opId": OP }),
        json!({ "id": 9, "type": "op", "room": ROOM, "opId": OP, "op": named, "baseVersion": 0 }),
        json!({ "id": 9, "type": "op", "room": ROOM, "opId": OP, "op": named, "dryRun": "no" }),
        op(&json!("undo")),
        op(&json!({})),
        op(&json!({ "kind": 4 })),
        op(&json!({ "kind": "course_dance" })),
        op(&json!({ "kind": "course_create" })),
        op(&json!({ "kind": "course_create", "course": 4 })),
        op(&json!({ "kind": "course_update", "courseId": "c-1", "patch": {} })),
        op(&json!({ "kind": "course_update", "courseId": "c-1", "patch": { "title": null } })),
        op(&json!({ "kind": "resource_delete", "resourceId": "x".repeat(65) })),
        op(&json!({ "kind": "template_apply", "templateId": "t", "from": "2026-02-30",
            "to": "2026-03-01", "onConflict": "skip" })),
        op(&json!({ "kind": "template_apply", "templateId": "t", "from": "2026-02-01",
            "to": "2027-02-02", "onConflict": "skip" })),
        op(&json!({ "kind": "template_apply", "templateId": "t", "from": "2026-02-01",
            "to": "2026-02-02", "onConflict": "shrug" })),
        op(&json!({ "kind": "template_save", "template": { "name": "W", "slots": [
            { "weekday": 8, "start": "07:30", "minutes": 45, "title": "Spin" }] } })),
        op(&json!({ "kind": "template_save", "template": { "name": "W", "slots": [
            { "weekday": 1, "start": "7:30", "minutes": 45, "title": "Spin" }] } })),
        op(&json!({ "kind": "batch", "ops": [] })),
        op(&json!({ "kind": "batch", "ops": vec![named.clone(); 101] })),
        op(&json!({ "kind": "batch", "ops": [named, nested] })),
        op(&json!({ "kind": "batch", "ops": [overriding] })),
        op(&json!({ "kind": "policy_set", "policy": { "staleEdits": "merge" } })),
        op(&json!({ "kind": "undo", "override": { "reason": "" } })),
        op(&json!({ "kind": "restore" })),
    ]
}

fn courses() -> Vec<Value> {
    vec![
        with("title", json!("")),
        with("title", json!("é".repeat(201))),
        with("title", json!(5)),
        with("startsAt", json!("2026-01-05")),
        with("endsAt", json!("2026-01-05T13:00:59Z")),
        with("endsAt", json!("2026-01-06T13:00:01Z")),
        with("trainerId", json!("")),
        with("capacity", json!(0)),
        with("capacity", json!(-1)),
        with("capacity", json!(100_001)),
        with("capacity", json!(1e40)),
        with("color", json!("#12345g")),
        with("notes", json!("n".repeat(4_001))),
        with("tags", json!(vec!["t"; 21])),
        with("tags", json!(["ok", "t".repeat(41)])),
        with("tags", json!(["ok", 4])),
        with("id", json!("tab\there")),
    ]
}

#[test]
fn every_fault_has_its_exact_answer_in_both_framings() {
    let mut text = String::new();
    for message in [heads(), requests(), operations(), courses()].concat() {
        let sent = message.to_string();
        let reply = answer(Framing::Json, sent.as_bytes());
        let packed = answer(Framing::MessagePack, &msgpack(&message));
        assert_eq!(packed.replace("MessagePack", "JSON"), reply, "{sent}");
        let shown: String = sent.chars().take(240).collect();
        writeln!(text, "-> {shown}\n<- {reply}\n").unwrap();
    }
    check("malformed.golden", &text);
}

#[test]
fn broken_text_has_its_exact_answer() {
    let deep = format!(r#"{{"type":"ping","x":{}{}}}"#, "[".repeat(32), "]".repeat(32));
    let deeper = format!(r#"{{"type":"ping","x":{}"#, "[".repeat(60_000));
    let large = format!(r#"{{"type":"ping","x":"{}"}}"#, "x".repeat(65_536));
    let cases: [&[u8]; 11] = [
        b"",
        b"{",
        b"nonsense",
        b"{\"type\":\"ping\"} trailing",
        b"{\"type\":\"ping\",}",
        b"{\"type\":\"ping\",\"x\":1e999}",
        b"{\"type\":\"ping\",\"x\":\"\xff\xfe\"}",
        b"\x00\x01\x02",
        deep.as_bytes(),
        deeper.as_bytes(),
        large.as_bytes(),
    ];
    let mut text = String::new();
    for sent in cases {
        let shown: String = String::from_utf8_lossy(sent).chars().take(60).collect();
        writeln!(text, "-> {shown:?}\n<- {}\n", answer(Framing::Json, sent)).unwrap();
    }
    check("malformed_json.golden", &text);
}

#[test]
fn broken_binary_has_its_exact_answer() {
    let ping = b"\x82\xa4type\xa4ping\xa1x";
    let with = |value: &[u8]| [ping.as_slice(), value].concat();
    let cases = [
        vec![],
        vec![0xc1],
        vec![0xff; 40],
        with(&0x7ff8_0000_0000_0000_u64.to_be_bytes().iter().fold(vec![0xcb], |mut all, byte| {
            all.push(*byte);
            all
        })),
        with(&[0xca, 0x7f, 0x80, 0x00, 0x00]),
        with(&[0xc4, 0x02, 0x01, 0x02]),
        with(&[0xd4, 0x01, 0x02]),
        with(&[0xa2, 0xff, 0xfe]),
        with(&[0xdb, 0xff, 0xff, 0xff, 0xff]),
        with(&[0xdd, 0xff, 0xff, 0xff, 0xff]),
        with(&[0xdf, 0xff, 0xff, 0xff, 0xff]),
        with(&[0x91; 60_000]),
        with(&[0xc0, 0xc0]),
        vec![0x81, 0x01, 0x02],
    ];
    let mut text = String::new();
    for sent in cases {
        let shown = hex(&sent[..sent.len().min(32)]);
        writeln!(text, "-> {shown}\n<- {}\n", answer(Framing::MessagePack, &sent)).unwrap();
    }
    check("malformed_msgpack.golden", &text);
}

#[test]
fn refusals_don_t_repeat_what_was_sent() {
    let long = "z".repeat(9_000);
    for message in
        [with("startsAt", json!(long)), op(&json!({ "kind": long })), with("tags", json!(long))]
    {
        let reply = answer(Framing::Json, message.to_string().as_bytes());
        assert!(reply.len() < 400, "{reply}");
    }
}

#[test]
fn a_rest_body_is_an_operation_without_its_address() {
    let (_, message) = messages().into_iter().find(|(name, _)| name == "op_course_move").unwrap();
    let Value::Object(mut body) = message else { panic!("an object") };
    body.retain(|field, _| !["type", "id", "room"].contains(&field.as_str()));
    body["dryRun"] = true.into();
    let (command, dry_run) = decode_op(Value::Object(body).to_string().as_bytes()).unwrap();
    assert!(dry_run);
    assert_eq!(command.override_reason.as_deref(), Some("both agreed"));
    let error = decode_op(b"{}").unwrap_err();
    assert_eq!(error.details, Some(json!({ "field": "opId" })));
}
