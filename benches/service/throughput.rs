//! How many durable, conflict-checked operations a second one replica takes on PostgreSQL, over many
//! rooms at once, and how long each waits. Trainers and studios are shared by all rooms, which use
//! them at different hours: every move is checked against the whole tenant, and none is refused.

use std::collections::VecDeque;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::backing::Backing;
use crate::proc;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};
use crate::socket::{Socket, token};

/// Courses of each room: more than one call holds of a room, so that none is in it twice.
const COURSES: u64 = 64;

/// One author a room, each with a window of operations on their way.
pub fn run(options: &Options, report: &mut Report) {
    let (rooms, window) = (options.number("busy-rooms", 32), options.number("window", 12));
    let time = Duration::from_secs(options.number("seconds", 8));
    let backing = Backing::database();
    let (server, _home) = server::fresh_on(&backing.settings());
    let start = Arc::new(Barrier::new(rooms as usize + 1));
    let authors: Vec<_> = (0..rooms)
        .map(|n| {
            let mut author = Author::new(&server, n, window as usize);
            let start = start.clone();
            std::thread::spawn(move || {
                start.wait();
                author.work(time);
                author.waited
            })
        })
        .collect();
    start.wait();
    let began = Instant::now();
    let before = [proc::cpu(server.pid()), backing.database_cpu()];
    let waited = authors.into_iter().flat_map(|author| author.join().expect("it worked"));
    let mut waited: Vec<f64> = waited.collect();
    let took = began.elapsed().as_secs_f64();
    let after = [proc::cpu(server.pid()), backing.database_cpu()];
    let [service, database] = [0, 1]
        .map(|n| after[n].saturating_sub(before[n]).as_secs_f64() * 1e6 / waited.len() as f64);
    let rate = waited.len() as f64 / took;
    let p99 = quantile(&mut waited, 0.99);
    let details = format!(
        "{rooms} rooms, {window} operations of each on their way; p50 {:.1} ms, p99 {p99:.1} ms \
         (target < 50)",
        quantile(&mut waited, 0.5)
    );
    report.at_least("durable operations, PostgreSQL", "a second", 15_000.0, rate, &details);
    report.row("their ack, p99", "ms", 50.0, p99, "of the same run");
    let details = "of one core; the load program, the kernel's network and the disk come on top";
    report.fact("CPU of the service a move", "µs", service, details);
    report.fact("CPU of PostgreSQL a move", "µs", database, details);
}

/// Moves courses to and fro.
struct Author {
    socket: Socket,
    room: String,
    number: u64,
    window: usize,
    sent: VecDeque<Instant>,
    count: u64,
    /// Milliseconds of each operation.
    waited: Vec<f64>,
}

impl Author {
    fn new(server: &Server, number: u64, window: usize) -> Self {
        let room = server.room();
        let courses: Vec<_> = (0..COURSES).map(|n| course(number, n)).collect();
        server.op(&room, &json!({"kind": "batch", "ops": courses}));
        let socket = Socket::joined(server.port, &token(&format!("author-{number}")), &room);
        let (sent, waited) = (VecDeque::new(), Vec::new());
        Self { socket, room, number, window, sent, count: 0, waited }
    }

    fn work(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            while self.sent.len() < self.window {
                self.send();
            }
            self.hear();
        }
        while !self.sent.is_empty() {
            self.hear();
        }
    }

    fn send(&mut self) {
        let (course, round) = (self.count % COURSES, self.count / COURSES);
        let hour = hour(self.number, round % 2 + 1);
        let op = json!({"kind": "course_move", "courseId": format!("course-{}-{course}", self.number),
            "startsAt": hour});
        let op_id = uuid::Uuid::now_v7().to_string();
        self.count += 1;
        let message =
            json!({"type": "op", "id": self.count, "room": self.room, "opId": op_id, "op": op});
        self.socket.send(&message);
        self.sent.push_back(Instant::now());
    }

    /// Acks of one room come in the order of its operations.
    fn hear(&mut self) {
        self.socket.until("ack");
        let sent = self.sent.pop_front().expect("an ack for something that was sent");
        self.waited.push(sent.elapsed().as_secs_f64() * 1e3);
    }
}

fn course(room: u64, n: u64) -> Value {
    let course = json!({"id": format!("course-{room}-{n}"), "title": "Spin", "startsAt": hour(room, 0),
        "endsAt": hour(room, 1), "trainerId": format!("trainer-{n}"), "studioId": format!("studio-{n}")});
    json!({"kind": "course_create", "course": course})
}

/// An hour of a room: each room has four of every trainer's and studio's.
fn hour(room: u64, n: u64) -> String {
    let hour = room * 4 + n;
    format!("2026-03-{:02}T{:02}:00:00Z", 1 + hour / 24, hour % 24)
}
