//! `kyo-load`: realistic load on a running service, and what it did to it. Takes the library's
//! configuration and tokens, nothing else of it; the service takes nothing from here.

#[cfg(not(target_os = "linux"))]
compile_error!("kyo-load needs epoll and /proc: build with --no-default-features elsewhere");

mod clock;
mod connection;
mod mix;
mod names;
mod plan;
mod process;
mod progress;
mod results;
mod run;
mod schedule;
mod stamp;
mod systems;
mod table;
mod tally;
mod websocket;
mod wishes;
mod worker;

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::Parser;
use kyo_collaboration::cli::{Failure, exit};
use plan::Plan;
use wishes::Cli;

fn main() -> ExitCode {
    exit(load(Cli::parse()))
}

fn load(cli: Cli) -> Result<(), Failure> {
    let plan = Plan::new(cli.wishes().map_err(Failure::misused)?).map_err(Failure::misused)?;
    // More connections than the usual 1,024 files; where that is all there is, opening tells.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let is_json = plan.json;
    let results = run::run(plan).map_err(Failure::failed)?;
    let text = if is_json {
        serde_json::to_string(&results).map_err(Failure::failed)? + "\n"
    } else {
        table::table(&results)
    };
    stdout().lock().write_all(text.as_bytes())?;
    let delivered: u64 = results.phases.iter().map(|phase| phase.deliveries).sum();
    let sent: u64 = results.phases.iter().map(|phase| phase.edits + phase.cursors).sum();
    if sent > 0 && delivered == 0 {
        return Err(Failure::failed("nothing was delivered"));
    }
    Ok(())
}
