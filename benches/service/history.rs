//! How long a join takes in a room that much has happened in: while the room lives, and as the first
//! visit after the service has started.

use std::time::Instant;

use serde_json::json;
use tempfile::TempDir;

use crate::ack::{author, edit};
use crate::report::{Options, Report, quantile};
use crate::server::Server;
use crate::socket::{Socket, token};

/// Visits of one connection: fewer than the requests that a session may make at once.
const VISITS: u64 = 40;

/// Joins without knowing anything, as a new member does.
pub fn run(options: &Options, report: &mut Report) {
    let home = TempDir::new().expect("a temporary folder");
    let mut server = Server::start(home.path());
    let (room, events) = (server.room(), options.number("events", 10_000));
    let mut past = author(&server, &room);
    for n in 1..events {
        edit(&mut past, &room, n);
    }
    drop(past);
    let mut warm = Vec::new();
    let mut socket = Socket::connect(server.port, &token("joiner"));
    for n in 1..=options.number("joins", 1_000) {
        if n % VISITS == 0 {
            socket = Socket::connect(server.port, &token("joiner"));
        }
        warm.push(visit(&mut socket, &room));
    }
    let mut cold = Vec::new();
    for _ in 0..options.number("starts", 30) {
        drop(server);
        server = Server::start(home.path());
        cold.push(visit(&mut Socket::connect(server.port, &token("joiner")), &room));
    }
    let details = |millis: &mut [f64]| {
        format!("p50 {:.2} ms, {} joins, {events} events", quantile(millis, 0.5), millis.len())
    };
    let text = details(&mut warm);
    report.row("join after a long past, warm, p99", "ms", 5.0, quantile(&mut warm, 0.99), &text);
    let text = details(&mut cold);
    report.row("the same, cold, slowest", "ms", 30.0, quantile(&mut cold, 1.0), &text);
}

/// Milliseconds until the last byte of the reply.
fn visit(socket: &mut Socket, room: &str) -> f64 {
    let start = Instant::now();
    socket.join(room);
    let took = start.elapsed();
    socket.send(&json!({"type": "leave", "id": 2, "room": room}));
    socket.until("left");
    took.as_secs_f64() * 1e3
}
