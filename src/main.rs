//! The binary: reads the command line and the configuration, then hands over to the library.

use std::process::ExitCode;

use actix_web::rt::System;
use clap::Parser;
use kyo_collaboration::app;
use kyo_collaboration::cli::{self, Cli, Command, ConfigCommand, Failure};
use kyo_collaboration::config::{Config, Sources};
use kyo_collaboration::telemetry::{self, LogFilter};
use kyo_collaboration::time::Clock;

/// Frames are made on a room's thread and freed on another: glibc's arenas keep such memory.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let command = Cli::parse().command();
    let sources = Sources::of_process();
    let clock = Clock::system();
    cli::exit(match command {
        Command::Import(args) => return cli::import::run(&args, &sources, &clock),
        Command::Serve => serve(&sources),
        Command::Migrate => migrate(&sources),
        Command::Restored => restored(&sources),
        Command::Token(args) => cli::token::run(args, &sources, &clock),
        Command::Healthcheck(args) => cli::healthcheck::run(args, &sources),
        Command::Config(ConfigCommand::Check) => cli::check::run(&sources),
    })
}

fn serve(sources: &Sources) -> Result<(), Failure> {
    let (config, log_filter) = load(sources)?;
    System::new().block_on(app::serve(config, log_filter)).map_err(Failure::failed)
}

fn migrate(sources: &Sources) -> Result<(), Failure> {
    let (config, _) = load(sources)?;
    System::new().block_on(app::migrate(config)).map_err(Failure::failed)
}

fn restored(sources: &Sources) -> Result<(), Failure> {
    let (config, _) = load(sources)?;
    System::new().block_on(app::restored(config)).map_err(Failure::failed)
}

/// Nothing is touched before the configuration is known to be without faults.
fn load(sources: &Sources) -> Result<(Config, LogFilter), Failure> {
    let config = Config::load(sources)?;
    let log_filter = telemetry::init(&config.telemetry).map_err(Failure::failed)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    Ok((config, log_filter))
}
