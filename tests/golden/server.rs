//! Every server message in both framings.

use kyo_collaboration::domain::*;
use kyo_collaboration::protocol::code::ErrorCode;
use kyo_collaboration::protocol::conflict::ConflictBody;
use kyo_collaboration::protocol::envelope::encode_event;
use kyo_collaboration::protocol::error::WireError;
use kyo_collaboration::protocol::policy::{PolicyBody, RoleName};
use kyo_collaboration::protocol::raw::RawJson;
use kyo_collaboration::protocol::server::*;
use kyo_collaboration::protocol::state::{digest_text, state_json};
use kyo_collaboration::protocol::text::{Rgb, Text};
use serde_json::{Number, Value};

use super::file::{check, hex, msgpack};
use super::samples::*;

fn at() -> Text<Instant> {
    Text(Instant(NOON))
}

fn session(name: &str) -> Text<SessionId> {
    Text(id(SessionId::parse, name))
}

fn user(name: &str) -> Text<UserId> {
    Text(id(UserId::parse, name))
}

fn course_ref() -> Text<CourseId> {
    Text(id(CourseId::parse, "c-1"))
}

fn participant() -> ParticipantBody {
    ParticipantBody {
        session_id: session("s-1"),
        user_id: user("u-1"),
        name: "Ana".into(),
        role: RoleName::Editor,
        color: Text(Rgb("#ff8800".into())),
        avatar: None,
        joined_at: at(),
        state: PresenceState::Active,
        cursor: Some(cursor()),
        selection: Some(SelectionBody {
            course_ids: Some(vec![course_ref()]),
            ..SelectionBody::default()
        }),
    }
}

fn cursor() -> Cursor {
    Cursor { x: 12.0, y: 0.5, component_id: Some("week".into()), component_type: None }
}

fn held() -> HeldLock {
    HeldLock {
        course_id: course_ref(),
        user_id: user("u-1"),
        session_id: session("s-1"),
        expires_at: at(),
    }
}

fn wire_event() -> RawJson {
    encode_event(&event(8, Change::CourseDelete { course_id: id(CourseId::parse, "c-1") })).wire
}

fn joined(sync: Sync) -> ServerMessage {
    let timetable = Timetable::new(room(), jiff::tz::TimeZone::UTC, Policy::default());
    ServerMessage::Joined(Box::new(Joined {
        room: Text(room()),
        name: "Downtown".into(),
        timezone: "America/Toronto".into(),
        role: RoleName::Owner,
        epoch: 1_767_614_400,
        seq: 8,
        sync,
        snapshot: (sync == Sync::Snapshot).then(|| state_json(&timetable)),
        events: (sync == Sync::Delta).then(|| vec![wire_event()]),
        participants: RawJson::of(&[participant()]),
        locks: vec![held()],
        policy: PolicyBody::from(Policy::default()),
        digest: digest_text(0),
    }))
}

fn welcome() -> ServerMessage {
    ServerMessage::Welcome(Welcome {
        session_id: session("s-1"),
        user_id: user("u-1"),
        tenant_id: Text(id(TenantId::parse, "gym")),
        name: "Ana".into(),
        server_time: at(),
        node: "n-1".into(),
        version: "0.1.0".into(),
        limits: Limits { max_message_bytes: 65_536, ops_per_second: 50, presence_per_second: 60 },
        presence_tick_ms: 50,
    })
}

fn presence() -> ServerMessage {
    ServerMessage::Presence(PresenceBody {
        room: Text(room()),
        joined: vec![RawJson::of(&participant())],
        left: vec![Departure {
            session_id: session("s-2"),
            user_id: user("u-2"),
            reason: LeaveReason::Disconnected,
        }],
        changed: vec![RawJson::of(&PresenceChange {
            session_id: session("s-3"),
            cursor: Some(cursor()),
            selection: None,
            state: Some(PresenceState::Idle),
        })],
    })
}

fn ack(seq: Option<u64>) -> ServerMessage {
    ServerMessage::Ack(AckBody {
        room: Text(room()),
        op_id: Text(op_id()),
        seq,
        duplicate: false,
        warnings: vec![ConflictBody::from(&conflict())],
    })
}

fn pushes() -> Vec<(&'static str, ServerMessage)> {
    let room = Text(room());
    vec![
        ("welcome", welcome()),
        ("token_expiring", ServerMessage::TokenExpiring(Expiry { expires_at: at() })),
        (
            "draining",
            ServerMessage::Draining(Draining { reconnect_after_ms: 1_200, deadline_ms: 60_000 }),
        ),
        (
            "events",
            ServerMessage::Events(Events {
                room,
                first: 8,
                events: vec![wire_event()],
                digest: digest_text(0x0dec_0de5),
            }),
        ),
        ("resync", ServerMessage::Resync(Resync { room, reason: ResyncReason::SlowConsumer })),
        (
            "room_closed",
            ServerMessage::RoomClosed(RoomClosed { room, reason: RoomClosedReason::Archived }),
        ),
        ("presence", presence()),
        (
            "locks",
            ServerMessage::Locks(LockChanges {
                room,
                held: vec![held()],
                released: vec![course_ref()],
            }),
        ),
    ]
}

fn replies() -> Vec<(&'static str, ServerMessage)> {
    let room = Text(room());
    let timetable = Timetable::new(room.0, jiff::tz::TimeZone::UTC, Policy::default());
    vec![
        ("refreshed", ServerMessage::Refreshed(Expiry { expires_at: at() })),
        ("pong", ServerMessage::Pong(Pong { server_time: at() })),
        ("joined_snapshot", joined(Sync::Snapshot)),
        ("joined_delta", joined(Sync::Delta)),
        ("joined_current", joined(Sync::Current)),
        ("left", ServerMessage::Left(Left { room })),
        ("ack", ack(Some(8))),
        ("ack_dry_run", ack(None)),
        (
            "locked",
            ServerMessage::Locked(Locked {
                room,
                course_id: course_ref(),
                token: 17,
                expires_at: at(),
            }),
        ),
        ("unlocked", ServerMessage::Unlocked(Unlocked { room, course_id: course_ref() })),
        (
            "history",
            ServerMessage::History(HistoryBody { events: vec![wire_event()], has_more: true }),
        ),
        (
            "snapshot",
            ServerMessage::Snapshot(SnapshotBody {
                epoch: 1_767_614_400,
                seq: 8,
                state: state_json(&timetable),
                digest: digest_text(0),
            }),
        ),
    ]
}

pub fn errors() -> Vec<(String, WireError)> {
    let plain = [
        WireError::unauthenticated("the token was refused"),
        WireError::token_expired(),
        WireError::forbidden("join the room first"),
        WireError::not_found(),
        WireError::invalid("op.course.title", "must be 1 to 200 characters"),
        WireError::unknown_type(),
        WireError::too_large(65_536),
        WireError::rate_limited(20),
        WireError::busy(100),
        WireError::unavailable(500),
        WireError::internal("019b8f6e"),
    ];
    let named = plain.into_iter().map(|error| (format!("error_{}", error.code.as_str()), error));
    named
        .chain(
            refusals()
                .into_iter()
                .map(|(name, refusal)| (format!("error_{name}"), WireError::from(refusal))),
        )
        .collect()
}

fn refusals() -> Vec<(&'static str, Refusal)> {
    let suggestion = Suggestion {
        during: during(2, 60),
        trainer_id: Some(id(ResourceId::parse, "ben")),
        studio_id: None,
    };
    vec![
        ("stale", Refusal::Stale(Entity::Course(Box::new(course("c-1"))))),
        ("stale_resource", Refusal::Stale(Entity::Resource(resource()))),
        ("stale_template", Refusal::Stale(Entity::Template(template()))),
        (
            "conflict",
            Refusal::Conflict { conflicts: vec![conflict()], suggestions: vec![suggestion] },
        ),
        ("conflict_bare", Refusal::Conflict { conflicts: vec![], suggestions: vec![] }),
        (
            "locked",
            Refusal::Locked {
                course_id: id(CourseId::parse, "c-1"),
                user_id: id(UserId::parse, "u-2"),
                session_id: id(SessionId::parse, "s-2"),
                expires_at: Instant(NOON),
            },
        ),
        (
            "overtaken",
            Refusal::Overtaken {
                reason: "changed since by someone else".into(),
                user_id: Some(id(UserId::parse, "u-2")),
                seq: Some(9),
            },
        ),
        ("forbidden_role", Refusal::Forbidden("viewers can't edit".into())),
        ("not_found_course", Refusal::NotFound { what: "course", field: "courseId".into() }),
        ("invalid_base", Refusal::Invalid(Invalid::new("baseVersion", "must not be newer"))),
        ("invalid_rule", Refusal::Invalid(Invalid::new("ops[3].course.title", "is too long"))),
    ]
}

/// Every message with the `re` that it is sent with.
pub fn messages() -> Vec<(String, Option<Number>, ServerMessage)> {
    let pushes = pushes().into_iter().map(|(name, message)| (name.to_owned(), None, message));
    let replies = replies()
        .into_iter()
        .map(|(name, message)| (name.to_owned(), Some(Number::from(4)), message));
    let errors = errors()
        .into_iter()
        .map(|(name, error)| (name, Some(Number::from(4)), ServerMessage::Error(error)));
    pushes.chain(replies).chain(errors).collect()
}

#[test]
fn every_message_has_its_exact_bytes() {
    for (name, re, message) in messages() {
        let frame = encode(re.as_ref(), &message);
        let json = frame.json();
        let tree: Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(tree["type"], message.kind());
        assert_eq!(frame.msgpack(), msgpack(&tree), "{name}");
        let unpacked: Value = rmp_serde::from_slice(&frame.msgpack()).unwrap();
        assert_eq!(unpacked, tree, "{name}");
        let golden = format!("{json}\n\n{}\n", hex(&frame.msgpack()));
        check(&format!("server/{name}.golden"), &golden);
    }
}

#[test]
fn no_kind_is_forgotten() {
    let messages = messages();
    for kind in SERVER_TYPES {
        assert!(messages.iter().any(|(_, _, message)| message.kind() == kind), "{kind}");
    }
    for code in ErrorCode::ALL {
        assert!(errors().iter().any(|(_, error)| error.code == code), "{code:?}");
    }
}

#[test]
fn clones_of_a_frame_share_its_bytes() {
    let frame = encode(None, &welcome());
    let clone = frame.clone();
    assert_eq!(frame.json().as_ptr(), clone.json().as_ptr());
    assert_eq!(frame.msgpack().as_ptr(), clone.msgpack().as_ptr());
    assert_eq!(frame.len(), frame.json().len());
}
