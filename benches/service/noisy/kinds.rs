//! What a tenant can do to a service that others work with too: each kind of flood as scripts for many
//! connections of many users, all of one tenant. The rates are what is tried; what gets through is the
//! matter of the service's limits.

use serde_json::{Value, json};

use super::line::{COUNTER, Script};
use crate::people::Person;
use crate::socket::{NATIVE, frame, upgrade_request};

/// The tenant that floods.
pub const TENANT: &str = "south";
/// Rounds of a flood in a second.
pub const ROUNDS: f64 = 100.0;
/// The most that a client may send in one message.
const LARGEST: usize = 65_536;

/// All kinds, in the order of their rows. The first two are no floods: they say what the machine does
/// when nothing happens, and when a program of the flood's priority is busy beside the service.
pub const KINDS: [&str; 10] = [
    "nobody",
    "a busy program",
    "operations",
    "cursors",
    "joins",
    "reconnects",
    "slow readers",
    "giant messages",
    "oversized messages",
    "REST",
];

/// Rooms of the flooding tenant: one with a thousand courses, the others with one each.
#[derive(Clone, Debug)]
pub struct Rooms {
    pub full: String,
    pub plain: Vec<String>,
}

/// The connections of a kind.
pub fn scripts(kind: &str, rooms: &Rooms) -> Vec<Script> {
    let plain = |n: usize| rooms.plain[n % rooms.plain.len()].as_str();
    match kind {
        "operations" => many(40, |n| said(n, plain(n), &edit(plain(n), "x"), 400.0)),
        "cursors" => many(50, |n| said(n, plain(0), &cursor(plain(0)), 1_000.0)),
        "joins" => many(20, |n| comings(n, &rooms.full)),
        "reconnects" => many(20, |n| {
            let script = said(n, plain(n), &json!({"type": "ping", "id": 1}), 0.0);
            Script { stays: Some(10), ..script }
        }),
        "slow readers" => slow_readers(plain(0)),
        "giant messages" => many(20, |n| {
            let message = frame(&padded(batch(plain(n)).to_string(), LARGEST));
            Script { message, ..said(n, plain(n), &Value::Null, 30.0) }
        }),
        "oversized messages" => many(20, |n| {
            let message = frame(&padded(String::new(), 4 * LARGEST));
            Script { message, ..said(n, plain(n), &Value::Null, 20.0) }
        }),
        "REST" => rest(rooms),
        _ => Vec::new(),
    }
}

fn many(count: usize, script: impl Fn(usize) -> Script) -> Vec<Script> {
    (0..count).map(script).collect()
}

/// A member of a room who says one thing so many times a second.
fn said(user: usize, room: &str, message: &Value, a_second: f64) -> Script {
    let mut opening = head(user, |token| upgrade_request(NATIVE, token)).into_bytes();
    let join = json!({"type": "join", "id": 1, "room": room});
    opening.extend(frame(join.to_string().as_bytes()));
    let message = frame(message.to_string().as_bytes());
    Script { opening, message, each_round: a_second / ROUNDS, reads: true, stays: None }
}

/// Joins a full room and leaves it again.
fn comings(user: usize, room: &str) -> Script {
    let join = json!({"type": "join", "id": 1, "room": room}).to_string();
    let leave = json!({"type": "leave", "id": 2, "room": room}).to_string();
    let message = [frame(join.as_bytes()), frame(leave.as_bytes())].concat();
    Script { message, ..said(user, room, &Value::Null, 200.0) }
}

/// Two who write long notes into a room, and sixty who never read what they are sent.
fn slow_readers(room: &str) -> Vec<Script> {
    let writers = many(2, |n| said(n, room, &edit(room, &"x".repeat(3_900)), 45.0));
    let readers = many(60, |n| {
        let reader = said(100 + n, room, &Value::Null, 0.0);
        Script { reads: false, stays: Some(600), ..reader }
    });
    [writers, readers].concat()
}

/// Snapshots of a full room, pages of its history and previews of an import.
fn rest(rooms: &Rooms) -> Vec<Script> {
    let room = format!("/api/collaboration/v1/rooms/{}", rooms.full);
    let asking = |n: usize, verb: &str, path: &str, body: &str, a_second: f64| {
        let message = head(n, |token| {
            format!(
                "{verb} {room}/{path} HTTP/1.1\r\nHost: bench\r\n{token}Content-Type: \
                 application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        });
        let each_round = a_second / ROUNDS;
        let (opening, message) = (Vec::new(), message.into_bytes());
        Script { opening, message, each_round, reads: true, stays: None }
    };
    let file = import();
    let snapshots = many(10, |n| asking(n, "GET", "snapshot", "", 100.0));
    let histories = many(10, |n| asking(n, "GET", "events?after=0&limit=500", "", 100.0));
    let previews = many(4, |n| asking(n, "POST", "import", &file, 20.0));
    [snapshots, histories, previews].concat()
}

fn head(user: usize, request: impl Fn(&str) -> String) -> String {
    let token = Person::editor(&format!("noisy-{user}")).of(TENANT).token();
    request(&format!("Authorization: Bearer {token}\r\n"))
}

fn edit(room: &str, notes: &str) -> Value {
    json!({"type": "op", "id": 1, "room": room, "opId": op_id(), "op": update(notes)})
}

fn update(notes: &str) -> Value {
    json!({"kind": "course_update", "courseId": "yoga", "patch": {"notes": notes}})
}

/// As many long notes as one message holds.
fn batch(room: &str) -> Value {
    let ops: Vec<_> = (0..15).map(|_| update(&"x".repeat(3_900))).collect();
    json!({"type": "op", "id": 1, "room": room, "opId": op_id(), "op": {"kind": "batch", "ops": ops}})
}

/// Different for each process; the end is counted.
fn op_id() -> String {
    format!("{:08x}-0000-7000-8000-{COUNTER}", std::process::id())
}

fn cursor(room: &str) -> Value {
    json!({"type": "cursor_move", "room": room, "x": 123.5, "y": 456.25, "componentId": "grid"})
}

/// Spaces behind a JSON text change nothing.
fn padded(text: String, size: usize) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    assert!(bytes.len() <= size, "{} bytes are more than {size}", bytes.len());
    bytes.resize(size, b' ');
    bytes
}

/// A file of a thousand courses.
fn import() -> String {
    let row = |n: u32| {
        format!(
            "2026-03-{:02},{:02}:00,45,Class {n},trainer-{n},studio-{n}\n",
            1 + n % 28,
            6 + n % 16
        )
    };
    let rows: String = (0..1_000).map(row).collect();
    let text = format!("Date,Time,Minutes,Title,Trainer,Studio\n{rows}");
    json!({"format": "csv", "text": text}).to_string()
}
