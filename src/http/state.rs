//! What handlers are given: handles to the rest of the process, made once by the composition root.

use std::sync::Arc;

use super::{Operators, Waiting};
use crate::actors::gateway::Rooms;
use crate::auth::Authenticator;
use crate::lifecycle::Lifecycle;
use crate::store::Store;
use crate::telemetry::{Metrics, Tracer};
use crate::time::Clock;

/// Shared by all workers as `web::Data<State>`.
pub struct State {
    /// The way to what is alive.
    pub rooms: Rooms,
    /// The keeper of what is at rest: the list of rooms, their members.
    pub store: Arc<dyn Store>,
    /// Who waits for the next event of a feed.
    pub feed_waiting: Waiting,
    /// What operators may see and do.
    pub operators: Operators,
    /// Tokens in, principals out.
    pub authenticator: Arc<Authenticator>,
    /// The catalogue.
    pub metrics: Arc<Metrics>,
    /// What is traced.
    pub tracer: Tracer,
    /// Where the process is in its life.
    pub lifecycle: Lifecycle,
    /// What runs here, as health tells it.
    pub version: String,
    /// What people call this service from outside, when that is configured.
    pub public_url: Option<String>,
    /// What time it is.
    pub clock: Clock,
    /// Whether this is a development installation, which has demo people.
    pub environment: Environment,
}

/// What kind of installation this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Somebody's own machine.
    Development,
    /// Everything else.
    Production,
}
