//! From the process's start until it says that it is ready.

use std::time::Instant;

use tempfile::TempDir;

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
