//! How long a join takes that needs a snapshot of a full timetable.

use std::time::Instant;

use serde_json::{Value, json};

use crate::report::{Options, Report, quantile};
use crate::server;
use crate::socket::{Socket, token};

/// Visits of one connection: fewer than the requests that a session may make at once.
const VISITS: u64 = 40;

/// Joins and leaves again and again; a join is over when its reply has been read to its last byte.
pub fn run(options: &Options, report: &mut Report) {
    let (server, _home) = server::fresh();
    let room = server.room();
    let courses = options.number("courses", 1_000) as u32;
    let all: Vec<_> = (0..courses).map(course).collect();
    for part in all.chunks(50) {
        server.op(&room, &json!({"kind": "batch", "ops": part}));
    }
    let mut socket = Socket::connect(server.port, &token("joiner"));
    let (mut millis, mut bytes) = (Vec::new(), 0);
    for n in 1..=options.number("joins", 1_000) {
        if n % VISITS == 0 {
            socket = Socket::connect(server.port, &token("joiner"));
        }
        let start = Instant::now();
        bytes = socket.join(&room);
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        socket.send(&json!({"type": "leave", "id": 2, "room": room}));
        socket.until("left");
    }
    let details = format!(
        "p50 {:.2} ms, {} joins, {courses} courses, {bytes} bytes a reply",
        quantile(&mut millis, 0.5),
        millis.len()
    );
    report.row("join with a snapshot, p99", "ms", 5.0, quantile(&mut millis, 0.99), &details);
}

/// The `n`th of a timetable that takes nobody twice.
pub fn course(n: u32) -> Value {
    let (day, hour) = (1 + n / 16 % 28, 6 + n % 16);
    let course = json!({
        "id": format!("course-{n:05}"),
        "title": format!("Class number {n}"),
        "startsAt": format!("2026-{:02}-{day:02}T{hour:02}:00:00Z", 1 + n / 448 % 12),
        "endsAt": format!("2026-{:02}-{day:02}T{hour:02}:45:00Z", 1 + n / 448 % 12),
        "trainerId": format!("trainer-{n}"),
        "studioId": format!("studio-{n}"),
        "capacity": 20,
        "tags": ["adults", "drop-in"],
    });
    json!({"kind": "course_create", "course": course})
}
