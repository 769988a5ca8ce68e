//! The composition root: configuration in, a running service out. [`serve`] is what the binary does;
//! tests with several replicas in one process start the same [`App`] with other [`Parts`].

mod descriptors;
mod error;
mod neighbours;
mod patience;
mod reach;
mod settings;
mod wiring;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_web::dev::ServerHandle;
use tokio::sync::mpsc;

use crate::actors::bridge::{Bridge, Part};
use crate::actors::drain::{Drain, Empty};
use crate::actors::registry::{Registry, StopAll};
use crate::bus::{self, Bus, BusEvent, NodeId};
use crate::config::Config;
use crate::engineio::Mount;
use crate::http;
use crate::lifecycle::{Lifecycle, signals};
use crate::store::{self, Store};
use crate::telemetry::{LogFilter, Tracer};
use crate::time::Clock;
pub use error::Error;
use patience::patiently;

/// Messages of other replicas that may wait for the bridge.
const BUS_EVENTS: usize = 4_096;
/// The longest time over which reconnects are spread.
const MAX_SPREAD: Duration = Duration::from_secs(20);

/// How long clients that poll have to fetch the end of what they were told.
const LAST_POLLS: Duration = Duration::from_secs(2);

/// How long a drain waits at most for the collector to take the last spans.
const LAST_SPANS: Duration = Duration::from_secs(2);

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
    /// What is logged.
    pub log_filter: LogFilter,
}

/// A running replica.
pub struct App {
    /// Where it listens; tells the port when 0 was asked for.
    pub address: SocketAddr,
    /// Its phase.
    pub life: Lifecycle,
    /// Where its rooms are.
    pub registry: Addr<Registry>,
    drain: Addr<Drain>,
    bridge: Addr<Bridge>,
    socketio: Mount,
    tracer: Tracer,
    clock: Clock,
    server: ServerHandle,
    deadline: Duration,
}

impl App {
    /// Goes away so that nobody notices: not ready, then every session at its own moment, then the
    /// rooms with what they have in flight, then the bus, then the server. Never longer than the deadline.
    pub async fn drain(self) {
        let (began, deadline) = (self.clock.monotonic(), self.deadline);
        self.life.drain();
        tracing::info!(deadline.ms = deadline.as_millis() as u64, "draining");
        let spread = deadline.mul_f64(0.5).min(MAX_SPREAD);
        let emptied = self.drain.send(Empty { spread, deadline: deadline.mul_f64(0.8) }).await;
        let stopping = self.registry.send(StopAll);
        let stopped = actix::clock::timeout(deadline.mul_f64(0.1), stopping).await;
        // Last of all: whoever is still listed here goes everywhere.
        let parting = self.bridge.send(Part);
        actix::clock::timeout(deadline.mul_f64(0.05), parting).await.ok();
        let left = || deadline.saturating_sub(self.clock.monotonic() - began);
        actix::clock::timeout(left().min(LAST_POLLS), self.socketio.emptied()).await.ok();
        tracing::info!(
            sessions.left = emptied.unwrap_or_default(),
            rooms.stopped = stopped.ok().and_then(Result::ok).unwrap_or_default(),
            "drained"
        );
        self.life.stop();
        // No more connections, and an end to the requests that are under way.
        let last_spans =
            if self.tracer.is_on() { LAST_SPANS.min(deadline / 20) } else { Duration::ZERO };
        actix::clock::timeout(left().saturating_sub(last_spans), self.server.stop(true)).await.ok();
        finish(self.tracer, left().min(LAST_SPANS)).await;
    }
}

/// Sends what is left of the traces. The exporter has its own thread, but waiting for it blocks one too.
async fn finish(tracer: Tracer, patience: Duration) {
    if !tracer.is_on() {
        return;
    }
    let sending = tokio::task::spawn_blocking(move || tracer.finish(patience));
    actix::clock::timeout(patience, sending).await.ok();
}

/// Serves until told to end, then drains.
///
/// # Errors
/// [`Error`], when it can't begin.
pub async fn serve(config: Config, log_filter: LogFilter) -> Result<(), Error> {
    let listener = listen(&config)?;
    let database = settings::database(&config);
    let report = patiently(async || store::migrate(&database).await).await?;
    if !report.applied.is_empty() {
        tracing::info!(migrations = ?report.applied, "database schema brought up to date");
    }
    let node = NodeId(uuid::Uuid::now_v7());
    let (events, bus_events) = mpsc::channel(BUS_EVENTS);
    let parts = Parts {
        clock: Clock::system(),
        node,
        bus: bus::connect(&settings::bus(&config), node, events).await?,
        bus_events,
        store: patiently(async || store::connect(&database).await).await?,
        listener,
        log_filter,
    };
    let app = App::start(&config, parts)?;
    announce(&config, &app);
    let life = app.life.clone();
    tokio::select! {
        signal = signals() => tracing::info!(signal = ?signal?, "told to end"),
        () = life.asked_to_end() => tracing::info!("told to end by an operator"),
    }
    end(app).await;
    Ok(())
}

/// Brings the database's schema up to date.
///
/// # Errors
/// When it can't, or when it is newer than this binary.
pub async fn migrate(config: Config) -> Result<(), Error> {
    let database = settings::database(&config);
    let report = patiently(async || store::migrate(&database).await).await?;
    for migration in &report.applied {
        tracing::info!(migration, "applied");
    }
    tracing::info!(applied = report.applied.len(), "database schema is up to date");
    Ok(())
}

fn listen(config: &Config) -> Result<TcpListener, Error> {
    let address = SocketAddr::new(config.server.host, config.server.port);
    http::bind(address).map_err(|cause| Error::Listen { address, cause })
}

fn announce(config: &Config, app: &App) {
    let port = app.address.port();
    let board = config.server.public_url.clone();
    let board = board.unwrap_or_else(|| format!("http://localhost:{port}"));
    tracing::info!(address = %app.address, version = config.server.version, "serving");
    tracing::info!("the board is at {board}/");
}

/// Drains, unless a second signal says that there is no time for it.
async fn end(app: App) {
    tokio::select! {
        () = app.drain() => {}
        again = signals() => tracing::warn!(signal = ?again.ok(), "told again, ending at once"),
    }
}
