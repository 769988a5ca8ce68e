//! The command line: what can be asked, and the commands that need no running server. `main`
//! dispatches. Standard output carries results alone; everything said to people goes to standard
//! error.

pub mod check;
pub mod healthcheck;
pub mod import;
pub mod token;

mod failure;
mod out;

use clap::{Parser, Subcommand};

pub use failure::{Failure, exit};
pub use out::complain;

/// Realtime collaboration on gym class timetables.
///
/// Without a command it serves. Settings come from config/default.toml, config/{APP_ENV}.toml and
/// the environment: KYO__SECTION__FIELD, and PORT, DATABASE_URL, REDIS_CLUSTER_ENDPOINT, JWT_SECRET,
/// SERVICE_VERSION, APP_ENV. `config check` shows those in force.
#[derive(Parser, Debug)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// What to do: serve, when nothing is said.
    #[must_use]
    pub fn command(self) -> Command {
        self.command.unwrap_or(Command::Serve)
    }
}

/// What to do.
#[derive(Subcommand, Clone, Debug)]
pub enum Command {
    /// Serves until SIGTERM, then drains (the default)
    Serve,
    /// Brings the database's schema up to date and ends
    Migrate,
    /// Says that the database was put back from a backup: as migrate, and every room gets a new epoch,
    /// so that clients begin again from what is there
    Restored,
    /// Prints a signed token, for trying things out and for neighbour services
    Token(token::TokenArgs),
    /// Brings a CSV or iCalendar file into rooms of a running service
    Import(import::ImportArgs),
    /// Asks a running service whether it can serve: exit code 0 or 1
    Healthcheck(healthcheck::HealthcheckArgs),
    /// About the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// About the configuration.
#[derive(Subcommand, Clone, Copy, Debug)]
pub enum ConfigCommand {
    /// Prints the settings in force as TOML, secrets hidden, or every fault and exit code 2
    Check,
}
