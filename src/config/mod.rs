//! Configuration: layered load, one check of everything. Each component gets its part as a plain
//! struct; every fault is found and listed before a port is bound. The environment is read here and
//! nowhere else.

mod auth;
mod aws;
mod bus;
mod database;
mod drain;
mod effective;
mod fault;
mod hide;
mod layers;
mod limits;
mod operator;
mod realtime;
mod section;
mod server;
mod source;
mod telemetry;

pub use aws::Aws;
pub use bus::Bus;
pub use database::Database;
pub use drain::Drain;
pub use fault::{Fault, Faults};
pub use limits::Limits;
pub use operator::Operator;
pub use realtime::Realtime;
pub use server::Server;
pub use source::{AppEnv, Sources};

use crate::auth::DEVELOPMENT_SECRET;
use layers::Layers;
use section::Section;

/// Every setting with its default and its unit.
const DEFAULTS: &str = include_str!("../../config/default.toml");

/// Files of an environment that are compiled in, so that the binary runs from any folder.
fn embedded(name: &str) -> Option<&'static str> {
    match name {
        "development" => Some(include_str!("../../config/development.toml")),
        "production" => Some(include_str!("../../config/production.toml")),
        _ => None,
    }
}

/// A configuration without faults.
#[derive(Clone, Debug)]
pub struct Config {
    /// What this process is for.
    pub app_env: AppEnv,
    /// Where it listens.
    pub server: Server,
    /// Where it keeps its data.
    pub database: Database,
    /// How replicas hear each other.
    pub bus: Bus,
    /// Which tokens it trusts.
    pub auth: crate::auth::Config,
    /// How much anybody may ask of it.
    pub limits: Limits,
    /// Times and queues of sessions and rooms.
    pub realtime: Realtime,
    /// What it logs.
    pub telemetry: crate::telemetry::Config,
    /// Who asks AWS.
    pub aws: Aws,
    /// How it ends.
    pub drain: Drain,
    /// Who may act on all of it.
    pub operator: Operator,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn load(sources: &Sources) -> Result<Self, Faults> {
        read(sources).map(|(config, _)| config)
    }

    /// The same as TOML, with secrets hidden and, after each value that isn't the default, where it
    /// came from.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn effective(sources: &Sources) -> Result<String, Faults> {
        read(sources).map(|(_, layers)| effective::toml(&layers))
    }

    /// Whether anybody can sign tokens: the secret is the built-in one.
    #[must_use]
    pub fn is_publicly_signed(&self) -> bool {
        self.auth.secret.as_ref().is_some_and(|secret| secret.reveal() == DEVELOPMENT_SECRET)
    }

    /// What an operator must be told at every start.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.is_publicly_signed() {
            warnings.push(
                "DEVELOPMENT SECRET IN USE: anybody can sign tokens for this service. Set JWT_SECRET",
            );
        }
        if !self.app_env.is_development() && embedded(self.app_env.as_str()).is_none() {
            warnings.push("APP_ENV is neither development nor production: production's rules hold");
        }
        warnings
    }
}

fn read(sources: &Sources) -> Result<(Config, Layers), Faults> {
    let (layers, mut found) = Layers::collect(sources);
    let faults = &mut found;
    let aws = Aws::read(&mut Section::new("aws", &layers, faults));
    let config = Config {
        app_env: layers.app_env.clone(),
        server: Server::read(&mut Section::new("server", &layers, faults)),
        database: Database::read(&mut Section::new("database", &layers, faults)),
        bus: Bus::read(&mut Section::new("bus", &layers, faults)),
        auth: auth::read(&mut Section::new("auth", &layers, faults), &layers.app_env),
        limits: Limits::read(&mut Section::new("limits", &layers, faults)),
        realtime: Realtime::read(&mut Section::new("realtime", &layers, faults)),
        telemetry: telemetry::read(&mut Section::new("telemetry", &layers, faults)),
        drain: Drain::read(&mut Section::new("drain", &layers, faults), &aws),
        aws,
        operator: Operator::read(&mut Section::new("operator", &layers, faults)),
    };
    if found.is_empty() { Ok((config, layers)) } else { Err(Faults(found)) }
}
