//! What one delivery costs the service, beside the floor: committed operations sent to every member,
//! against a program that only writes the same bytes. The same operations in rooms without members
//! are measured too and taken off: deciding and storing is done once however many watch. The row says
//! both ratios.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::floor::{self, Load};
use crate::proc;
use crate::receivers::Receivers;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};
use crate::socket::{Socket, token};

/// Rooms, members of each, operations a second in all, and how long.
#[derive(Clone, Copy)]
struct Shape {
    rooms: usize,
    members: usize,
    ops_per_second: u64,
    seconds: u64,
}

/// What a run of the service came to.
struct Outcome {
    cpu: Duration,
    frames: u64,
    bytes: u64,
}

/// One room of 1,000.
pub fn one_big_room(options: &Options, report: &mut Report) {
    let shape = Shape {
        rooms: 1,
        members: options.number("members", 1_000) as usize,
        ops_per_second: options.number("rate", 40),
        seconds: options.number("seconds", 8),
    };
    compare("fan-out, one room × 1000", 1.25, shape, options, report);
}

/// A hundred rooms of 20.
pub fn many_small_rooms(options: &Options, report: &mut Report) {
    let shape = Shape {
        rooms: options.number("rooms", 100) as usize,
        members: options.number("each", 20) as usize,
        ops_per_second: options.number("rooms-rate", 1_000),
        seconds: options.number("seconds", 8),
    };
    compare("fan-out, 100 rooms × 20", 1.4, shape, options, report);
}

fn compare(work: &str, target: f64, shape: Shape, options: &Options, report: &mut Report) {
    let (server, _home) = server::fresh();
    let mut stage = Stage::set(&server, shape);
    let (mut deliveries, mut everything, mut details) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..options.number("rounds", 3) {
        let alone = stage.play(&server, shape, false);
        let outcome = stage.play(&server, shape, true);
        let load = Load {
            receivers: shape.rooms * shape.members,
            per_frame: shape.members,
            frame_bytes: (outcome.bytes / outcome.frames.max(1)) as usize,
            frames_per_second: (outcome.frames / shape.members as u64 / shape.seconds).max(1),
            seconds: shape.seconds,
        };
        let floor = floor::measure(load);
        let each = outcome.cpu.as_secs_f64() * 1e6 / outcome.frames as f64;
        let net = outcome.cpu.saturating_sub(alone.cpu).as_secs_f64() * 1e6 / outcome.frames as f64;
        deliveries.push(net / floor);
        everything.push(each / floor);
        details = format!(
            "{net:.2} µs a delivery ({each:.2} with the durable operations behind them), floor \
             {floor:.2} µs, {} deliveries of {} bytes",
            outcome.frames, load.frame_bytes
        );
    }
    let with_operations =
        format!("{:.2} × with the operations; {details}", quantile(&mut everything, 0.5));
    report.row(work, "× floor", target, quantile(&mut deliveries, 0.5), &with_operations);
}

/// Rooms with their members and one author, who is in all of them.
struct Stage {
    author: Socket,
    /// Reads what the author is sent, uncounted.
    _aside: Receivers,
    watchers: Receivers,
    rooms: Vec<String>,
    /// Rooms with the author alone: what the operations cost without deliveries.
    empty: Vec<String>,
    sent: u64,
}

impl Stage {
    fn set(server: &Server, shape: Shape) -> Self {
        let rooms = prepared(server, shape.rooms);
        let empty = prepared(server, shape.rooms);
        // Room by room, so that the floor's groups and the service's are alike.
        let mut watchers = Vec::new();
        for room in &rooms {
            for n in 0..shape.members {
                let token = token(&format!("watcher-{n}"));
                watchers.push(Socket::joined(server.port, &token, room).into_stream());
            }
        }
        let mut author = Socket::connect(server.port, &token("author"));
        for room in rooms.iter().chain(&empty) {
            author.join(room);
            // A session may make 50 requests a second.
            std::thread::sleep(Duration::from_millis(20));
        }
        let aside = Receivers::start(vec![author.reader()]);
        let watchers = Receivers::start(watchers);
        watchers.settle();
        Self { author, _aside: aside, watchers, rooms, empty, sent: 0 }
    }

    /// Operations at a fixed rate, in the full rooms or in the empty ones.
    fn play(&mut self, server: &Server, shape: Shape, full: bool) -> Outcome {
        let (frames, bytes) = (self.watchers.frames(), self.watchers.bytes());
        let before = proc::cpu(server.pid());
        let period = Duration::from_secs(1) / shape.ops_per_second as u32;
        let start = Instant::now();
        for n in 0..(shape.ops_per_second * shape.seconds) as u32 {
            std::thread::sleep((start + period * n).saturating_duration_since(Instant::now()));
            let rooms = if full { &self.rooms } else { &self.empty };
            self.sent += 1;
            let message = edit(&rooms[n as usize % rooms.len()], self.sent);
            self.author.send(&message);
        }
        self.watchers.settle();
        Outcome {
            cpu: proc::cpu(server.pid()).saturating_sub(before),
            frames: self.watchers.frames() - frames,
            bytes: self.watchers.bytes() - bytes,
        }
    }
}

/// New rooms with one course.
pub fn prepared(server: &Server, count: usize) -> Vec<String> {
    let course = json!({"id": "yoga", "title": "Yoga", "startsAt": "2026-03-02T06:00:00Z",
        "endsAt": "2026-03-02T07:00:00Z"});
    let create = json!({"kind": "course_create", "course": course});
    let made = (0..count).map(|_| server.room());
    made.inspect(|room| server.op(room, &create)).collect()
}

/// The `n`th change of that course.
pub fn edit(room: &str, n: u64) -> Value {
    let patch = json!({"notes": format!("changed for the {n:07}th time")});
    let op = json!({"kind": "course_update", "courseId": "yoga", "patch": patch});
    let op_id = uuid::Uuid::now_v7().to_string();
    json!({"type": "op", "id": n, "room": room, "opId": op_id, "op": op})
}
