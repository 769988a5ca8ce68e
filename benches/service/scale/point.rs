//! One measured place of a sweep: so many tenants, rooms, members and operations a second, on some
//! replicas. Gives what was done and what it took; knows nothing of sweeps and models.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::backing::Backing;
use crate::fanout::edit;
use crate::people::Person;
use crate::proc;
use crate::receivers::Receivers;
use crate::server::Server;
use crate::socket::Socket;

/// What is set.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub tenants: usize,
    /// In all.
    pub rooms: usize,
    /// Of each room, its author apart; spread evenly over the replicas.
    pub members: usize,
    /// Operations a second in all rooms together; 0 lets everybody be idle.
    pub rate: u64,
}

/// What it came to, a second.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub operations: f64,
    /// Transactions that they were committed in.
    pub appends: f64,
    pub deliveries: f64,
    pub connections: f64,
    /// Pings that were sent and answered.
    pub pings: f64,
    /// Events that came to another replica and were delivered there.
    pub relayed: f64,
    /// Microseconds of processor time of all replicas and of the database server.
    pub service: f64,
    pub database: f64,
    /// Of all replicas, in kilobytes of 1,024 bytes.
    pub rss: u64,
}

impl Outcome {
    /// For a file of raw results.
    pub fn json(&self, name: &str, shape: Shape, replicas: usize) -> Value {
        json!({
            "sweep": name, "tenants": shape.tenants, "rooms": shape.rooms, "members": shape.members,
            "replicas": replicas, "operations": self.operations, "appends": self.appends, "deliveries": self.deliveries,
            "connections": self.connections, "pings": self.pings, "relayed": self.relayed, "serviceMicros": self.service,
            "databaseMicros": self.database, "rssKib": self.rss,
        })
    }
}

/// People in their rooms.
struct Stage {
    authors: Vec<Socket>,
    rooms: Vec<String>,
    watchers: Receivers,
    /// Reads what authors are sent.
    aside: Receivers,
    /// Everybody's connection, to answer pings by.
    all: Vec<TcpStream>,
    /// Replicas beside the authors' on which a room has members, over all rooms.
    far: usize,
}

/// Seconds between two pings where everybody is idle, the default being 25: so they can be seen, and
/// everybody has joined before the first must be answered.
pub const PING_SECONDS: u64 = 5;
/// Counts transactions.
const APPENDS: &str = "kyo_append_seconds_count";
/// An empty pong with a mask of zeros.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// Sets the stage, lets it settle, and measures for so long.
pub fn measure(servers: &[Server], backing: &Backing, shape: Shape, time: Duration) -> Outcome {
    let mut stage = Stage::set(servers, shape);
    let spent = || -> [Duration; 2] {
        [servers.iter().map(|one| proc::cpu(one.pid())).sum(), backing.database_cpu()]
    };
    let appends = || -> f64 { servers.iter().map(|one| one.metric(APPENDS)).sum() };
    let (appended, frames) = (appends(), stage.frames());
    let (before, start) = (spent(), Instant::now());
    let count = if shape.rate > 0 { stage.work(shape.rate, time) } else { stage.idle(time) };
    let (after, took) = (spent(), start.elapsed().as_secs_f64());
    let micros = |n: usize| after[n].saturating_sub(before[n]).as_secs_f64() * 1e6 / took;
    let operations = count as f64 / took;
    // An author is sent its event and its ack; the ack is part of the operation. Who is idle is sent
    // pings alone.
    let arrived = (stage.frames() - frames) as f64 / took;
    let deliveries = if shape.rate > 0 { arrived - operations } else { 0.0 };
    let connections = (shape.rooms * (shape.members + 1)) as f64;
    Outcome {
        operations,
        appends: (appends() - appended) / took,
        deliveries,
        pings: if shape.rate > 0 { 0.0 } else { connections / PING_SECONDS as f64 },
        connections,
        relayed: operations * stage.far as f64 / shape.rooms as f64,
        service: micros(0),
        database: micros(1),
        rss: servers.iter().map(|one| proc::rss_kib(one.pid())).sum(),
    }
}

impl Stage {
    fn set(servers: &[Server], shape: Shape) -> Self {
        let (mut rooms, mut authors, mut watchers) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..shape.rooms {
            let tenant = format!("tenant-{}", n % shape.tenants);
            let room = prepared(&servers[0], &tenant);
            let token = |user: &str| Person::editor(user).of(&tenant).token();
            for m in 0..shape.members {
                let port = servers[m % servers.len()].port;
                watchers.push(Socket::joined(port, &token(&format!("watcher-{m}")), &room));
            }
            authors.push(Socket::joined(servers[0].port, &token("author"), &room));
            rooms.push(room);
        }
        let all = watchers.iter().chain(&authors).map(Socket::reader).collect();
        let aside = Receivers::start(authors.iter().map(Socket::reader).collect());
        let watchers = Receivers::start(watchers.into_iter().map(Socket::into_stream).collect());
        if shape.rate > 0 {
            watchers.settle();
        }
        let far = (servers.len() - 1).min(shape.members.saturating_sub(1)) * shape.rooms;
        Self { authors, rooms, watchers, aside, all, far }
    }

    fn frames(&self) -> u64 {
        self.watchers.frames() + self.aside.frames()
    }

    /// At an even pace, until all has arrived; gives how many operations there were.
    fn work(&mut self, rate: u64, time: Duration) -> u64 {
        let (start, period) = (Instant::now(), Duration::from_secs(1) / rate as u32);
        let count = rate * time.as_secs();
        for n in 0..count as u32 {
            std::thread::sleep((start + period * n).saturating_duration_since(Instant::now()));
            let at = n as usize % self.rooms.len();
            self.authors[at].send(&edit(&self.rooms[at], u64::from(n) + 1));
        }
        self.watchers.settle();
        count
    }

    /// Nobody says anything but that they are there.
    fn idle(&mut self, time: Duration) -> u64 {
        for _ in 0..time.as_secs().div_ceil(PING_SECONDS).max(2) {
            for connection in &mut self.all {
                connection.write_all(&PONG).expect("six bytes fit");
            }
            std::thread::sleep(Duration::from_secs(PING_SECONDS));
        }
        0
    }
}

fn prepared(server: &Server, tenant: &str) -> String {
    let owner = Person::owner("founder").of(tenant);
    let room = server.room_of(&owner);
    let course = json!({"id": "yoga", "title": "Yoga", "startsAt": "2026-03-02T06:00:00Z",
        "endsAt": "2026-03-02T07:00:00Z"});
    server.op_of(&owner, &room, &json!({"kind": "course_create", "course": course}));
    room
}
