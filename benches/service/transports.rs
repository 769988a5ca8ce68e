//! What a delivery to a Socket.IO member costs beside one to a native member: the same operations in
//! two rooms with as many members, in turns on one server; what they cost in a room without members is
//! taken off both.

use std::time::{Duration, Instant};

use crate::fanout::{edit, prepared};
use crate::proc;
use crate::receivers::Receivers;
use crate::report::{Options, Report, quantile};
use crate::server::{self, Server};
use crate::socket::{Socket, token};

/// Socket.IO against native.
pub fn run(options: &Options, report: &mut Report) {
    let (server, _home) = server::fresh();
    let members = options.number("members", 1_000) as usize;
    let rooms = prepared(&server, 3);
    let watchers = |room: &str, join: fn(u16, &str, &str) -> Socket| {
        let names = (0..members).map(|n| format!("watcher-{n}"));
        let sockets = names.map(|name| join(server.port, &token(&name), room).into_stream());
        Receivers::start(sockets.collect())
    };
    let native = watchers(&rooms[0], Socket::joined);
    let socketio = watchers(&rooms[1], Socket::joined_by_socketio);
    let mut author = Socket::connect(server.port, &token("author"));
    for room in &rooms {
        author.join(room);
    }
    let aside = Receivers::start(vec![author.reader()]);
    let mut load = Load {
        server: &server,
        author,
        sent: 0,
        count: options.number("rate", 40) * options.number("seconds", 8),
        period: Duration::from_secs(1) / options.number("rate", 40) as u32,
    };

    let (mut ratios, mut details) = (Vec::new(), String::new());
    for round in 0..options.number("rounds", 3) {
        let alone = load.play(&rooms[2], &aside).0;
        // Whoever comes second in one round comes first in the next.
        let mut costs = [0.0; 2];
        for turn in [round % 2, 1 - round % 2] {
            let watchers = if turn == 0 { &native } else { &socketio };
            let (cpu, frames) = load.play(&rooms[turn as usize], watchers);
            costs[turn as usize] = cpu.saturating_sub(alone).as_secs_f64() * 1e6 / frames as f64;
        }
        ratios.push(costs[1] / costs[0]);
        details = format!("{:.2} µs a delivery, native {:.2} µs", costs[1], costs[0]);
    }
    let work = format!("fan-out to Socket.IO, one room × {members}");
    report.row(&work, "× native", 1.1, quantile(&mut ratios, 0.5), &details);
}

/// Operations at a fixed rate.
struct Load<'a> {
    server: &'a Server,
    author: Socket,
    sent: u64,
    count: u64,
    period: Duration,
}

impl Load<'_> {
    /// In one room; what the server spent and what its members got.
    fn play(&mut self, room: &str, watchers: &Receivers) -> (Duration, u64) {
        let (frames, before) = (watchers.frames(), proc::cpu(self.server.pid()));
        let start = Instant::now();
        for n in 0..self.count as u32 {
            std::thread::sleep((start + self.period * n).saturating_duration_since(Instant::now()));
            self.sent += 1;
            self.author.send(&edit(room, self.sent));
        }
        watchers.settle();
        let cpu = proc::cpu(self.server.pid()).saturating_sub(before);
        (cpu, watchers.frames() - frames)
    }
}
