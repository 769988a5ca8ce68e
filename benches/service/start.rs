//! From the process's start until it says that it is ready.

use std::time::Instant;

use tempfile::TempDir;

use crate::backing::Backing;
use crate::report::{Options, Report, quantile};
use crate::server::Server;

/// Starts on an empty folder, which includes making the schema, and again on the same one.
pub fn run(options: &Options, report: &mut Report) {
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for _ in 0..options.number("starts", 10) {
        let home = TempDir::new().expect("a temporary folder");
        for millis in [&mut cold, &mut warm] {
            let start = Instant::now();
            let server = Server::start(home.path());
            millis.push(start.elapsed().as_secs_f64() * 1e3);
            drop(server);
        }
    }
    let details = format!(
        "slowest of {}; median {:.0} ms, on existing data {:.0} ms",
        cold.len(),
        quantile(&mut cold, 0.5),
        quantile(&mut warm, 0.5)
    );
    report.row("start to ready", "ms", 300.0, quantile(&mut cold, 1.0), &details);
}

/// The same on PostgreSQL and a Redis Cluster, the first time on a database without a schema.
pub fn on_servers(options: &Options, report: &mut Report) {
    let backing = Backing::whole();
    let (settings, home) = (backing.settings(), TempDir::new().expect("a temporary folder"));
    let mut millis: Vec<_> = (0..options.number("starts", 10))
        .map(|_| {
            let start = Instant::now();
            let server = Server::start_on(home.path(), &settings);
            let took = start.elapsed();
            drop(server);
            took.as_secs_f64() * 1e3
        })
        .collect();
    let first = millis[0];
    let details = format!("slowest of {}; making the schema {first:.0} ms", millis.len());
    let slowest = quantile(&mut millis, 1.0);
    report.row("start to ready on PostgreSQL and Redis", "ms", 1_000.0, slowest, &details);
}
