//! The composition root: configuration and a listener in, a running service out. `serve` is what the
//! binary does; tests start the same [`App`] with other values.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::mpsc;
use actix_web::dev::{Server, ServerHandle};
use actix_web::{App as WebApp, HttpServer, web};

use crate::actors::bridge::Bridge;
use crate::actors::config::{Limits, Realtime};
use crate::actors::drain::{Drain, Empty};
use crate::actors::gateway::Rooms;
use crate::actors::journal::Journal;
use crate::actors::registry::{Registry, StopAll};
use crate::actors::room::RoomDeps;
use crate::actors::session::{SessionDeps, TenantRates};
use crate::auth::Authenticator;
use crate::bus::{Bus, BusEvent, NodeId};
use crate::config::Config;
use crate::http;
use crate::http::ws::Upgrade;
use crate::lifecycle::{Latch, Lifecycle, signals};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::time::Clock;

/// How often tenants that are quiet are forgotten.
const SWEEP: Duration = Duration::from_secs(60);
/// Part of the drain's deadline over which reconnects are spread.
const SPREAD: f64 = 0.5;

/// Why the service did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or not ours to take.
    #[error("can't listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// The database can't be used.
    #[error("database: {0}")]
    Store(#[from] crate::store::StoreError),
    /// The database can't be brought to this version.
    #[error("database: {0}")]
    Migrate(#[from] crate::store::MigrateError),
    /// The keys can't be used.
    #[error("keys: {}", .0.join("; "))]
    Keys(Vec<String>),
    /// The HTTP server failed.
    #[error("server: {0}")]
    Server(#[from] std::io::Error),
}

/// What differs between a process and a test with several replicas in one.
pub struct Parts {
    /// The time.
    pub clock: Clock,
    /// This replica.
    pub node: NodeId,
    /// The way to the other replicas.
    pub bus: Arc<dyn Bus>,
    /// What comes from them.
    pub bus_events: mpsc::Receiver<BusEvent>,
    /// The keeper of truth.
    pub store: Arc<dyn Store>,
    /// The port that is listened on.
    pub listener: TcpListener,
}

/// A running replica.
pub struct App {
    /// Where it listens; tells the port when 0 was asked for.
    pub address: SocketAddr,
    /// Its phase.
    pub life: Lifecycle,
    registry: Addr<Registry>,
    drain: Addr<Drain>,
    server: ServerHandle,
    deadline: Duration,
}

impl App {
    /// Starts every actor and the HTTP server. Needs an actix system.
    ///
    /// # Errors
    /// [`Error`].
    pub fn start(config: &Config, parts: Parts) -> Result<Self, Error> {
        let life = Lifecycle::new();
        let listening = life.latch("listener");
        let address = parts.listener.local_addr()?;
        let metrics = Arc::new(Metrics::new(
            crate::telemetry::metrics::Build { version: &config.server.version, commit: "" },
            &parts.clock,
        ));
        let authenticator = Arc::new(Authenticator::new(&config.auth).map_err(Error::Keys)?);
        let actors = Actors::start(config, &parts, metrics.clone(), authenticator.clone());
        let state = web::Data::new(http::State {
            rooms: Rooms::new(actors.registry.clone(), actors.session.tenants.clone()),
            store: parts.store.clone(),
            authenticator,
            metrics: metrics.clone(),
            lifecycle: life.clone(),
            clock: parts.clock.clone(),
            environment: environment(config),
        });
        let upgrade = web::Data::new(Upgrade {
            session: actors.session,
            life: life.clone(),
            allowed_origins: config.server.allowed_origins.clone(),
            query_token: config.app_env.is_development(),
        });
        let server = listen(config, parts.listener, state, upgrade, metrics)?;
        let handle = server.handle();
        actix::spawn(server);
        listening.release();
        Ok(Self {
            address,
            life,
            registry: actors.registry,
            drain: actors.drain,
            server: handle,
            deadline: Duration::from_millis(config.drain.deadline_ms),
        })
    }

    /// Goes away so that nobody notices: not ready, then every session at its own moment, then the
    /// rooms with what they have in flight, then the server. Never longer than the deadline.
    pub async fn drain(self) {
        self.life.drain();
        let deadline = self.deadline;
        tracing::info!(deadline_ms = deadline.as_millis() as u64, "draining");
        let spread = deadline.mul_f64(SPREAD).min(MAX_SPREAD);
        let emptied = self.drain.send(Empty { spread, deadline: deadline.mul_f64(0.8) }).await;
        let rooms = actix::clock::timeout(deadline.mul_f64(0.1), self.registry.send(StopAll)).await;
        tracing::info!(
            sessions.left = emptied.unwrap_or_default(),
            rooms = rooms.ok().and_then(Result::ok).unwrap_or_default(),
            "drained"
        );
        self.life.stop();
        self.server.stop(false).await;
    }
}

/// The actors of one replica.
struct Actors {
    registry: Addr<Registry>,
    drain: Addr<Drain>,
    session: SessionDeps,
}

impl Actors {
    fn start(
        config: &Config,
        parts: &Parts,
        metrics: Arc<Metrics>,
        authenticator: Arc<Authenticator>,
    ) -> Self {
        todo!()
    }
}
