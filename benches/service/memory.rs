//! What an idle connection with one room joined keeps in memory.

use crate::proc;
use crate::report::{Options, Report};
use crate::server;
use crate::socket::{Socket, token};

/// Opens connections room by room and reads the service's memory before and after.
pub fn run(options: &Options, report: &mut Report) {
    let wanted = options.number("connections", 10_000);
    let count = wanted.min(proc::open_files_limit().saturating_sub(100)) as usize;
    // A gym's staff, not a stadium.
    let members = options.number("in-room", 20) as usize;
    let (server, _home) = server::fresh();
    let rooms: Vec<_> = (0..count.div_ceil(members)).map(|_| server.room()).collect();
    // One visit has every lazy part of the service in place before it is weighed.
    drop(Socket::joined(server.port, &token("first"), &rooms[0]));
    let before = proc::rss_kib(server.pid());
    let held: Vec<_> = (0..count)
        .map(|n| {
            let token = token(&format!("idle-{n}"));
            Socket::joined(server.port, &token, &rooms[n / members]).into_stream()
        })
        .collect();
    let after = proc::rss_kib(server.pid());
    let each = after.saturating_sub(before) as f64 / held.len() as f64;
    let details = format!("{} connections in {} rooms, {after} kB in all", count, rooms.len());
    report.row("idle joined connection, RSS", "kB", 10.0, each, &details);
}
