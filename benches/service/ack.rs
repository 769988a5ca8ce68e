//! How long one author waits for an ack on PostgreSQL, beside a bare commit of one row by the same
//! driver on the same server. The two take turns, so that whatever else the machine does meets both.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::Binary;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::json;

use crate::backing::Backing;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};
use crate::socket::{Socket, token};

/// Size of the bare row: what an event of this program takes in the log, nearly.
const ROW_BYTES: usize = 400;

/// One operation after the other, each waited for.
pub fn run(options: &Options, report: &mut Report) {
    let backing = Backing::database();
    let (server, _home) = server::fresh_on(&backing.settings());
    let room = server.room();
    let mut author = author(&server, &room);
    let mut bare = backing.wait(Bare::connect(&backing.url()));
    let (mut acks, mut commits) = (Vec::new(), Vec::new());
    for turn in 0..options.number("turns", 20) {
        for n in 0..100 {
            let took = edit(&mut author, &room, turn * 100 + n);
            // The first turn warms both up.
            if turn > 0 {
                acks.push(took.as_secs_f64() * 1e3);
            }
        }
        for _ in 0..100 {
            let took = backing.wait(bare.commit());
            if turn > 0 {
                commits.push(took.as_secs_f64() * 1e3);
            }
        }
    }
    let (ack, commit) = (quantile(&mut acks, 0.5), quantile(&mut commits, 0.5));
    let details = format!(
        "ack p50 {ack:.3} ms, p99 {:.2} ms; bare commit p50 {commit:.3} ms, {} of each",
        quantile(&mut acks, 0.99),
        acks.len()
    );
    report.row("ack of one author, PostgreSQL, p50", "× bare commit", 1.5, ack / commit, &details);
}

/// An editor who has joined, with a course to change; its trainer and studio are the room's own.
pub fn author(server: &Server, room: &str) -> Socket {
    let course = json!({"id": "yoga", "title": "Yoga", "startsAt": "2026-03-02T06:00:00Z",
        "endsAt": "2026-03-02T07:00:00Z", "trainerId": room, "studioId": room});
    server.op(room, &json!({"kind": "course_create", "course": course}));
    Socket::joined(server.port, &token("author"), room)
}

/// One operation, from its sending to its ack.
pub fn edit(author: &mut Socket, room: &str, n: u64) -> Duration {
    let patch = json!({"notes": format!("changed for the {n:07}th time")});
    let op = json!({"kind": "course_update", "courseId": "yoga", "patch": patch});
    let op_id = uuid::Uuid::now_v7().to_string();
    let message = json!({"type": "op", "id": n, "room": room, "opId": op_id, "op": op});
    let start = Instant::now();
    author.send(&message);
    author.until("ack");
    start.elapsed()
}

diesel::table! {
    bare (id) {
        id -> BigInt,
        body -> Binary,
    }
}

/// A table with nothing but a key, and one connection to it.
struct Bare(AsyncPgConnection);

impl Bare {
    async fn connect(url: &str) -> Self {
        let mut connection = AsyncPgConnection::establish(url).await.expect("the server runs");
        let table = "CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL)";
        connection.batch_execute(table).await.expect("the database is ours");
        Self(connection)
    }

    async fn commit(&mut self) -> Duration {
        let start = Instant::now();
        let body = vec![b'x'; ROW_BYTES];
        let row = bare::body.eq(body.into_sql::<Binary>());
        let insert = diesel::insert_into(bare::table).values(row);
        insert.execute(&mut self.0).await.expect("the server takes writes");
        start.elapsed()
    }
}
