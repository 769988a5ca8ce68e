//! The composition root: configuration in, a running service out. [`serve`] is what the binary does;
//! tests with several replicas in one process start the same [`App`] with other [`Parts`].

mod descriptors;
mod drain;
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

use crate::actors::bridge::Bridge;
use crate::actors::drain::Drain;
use crate::actors::registry::Registry;
use crate::balancer;
use crate::bus::{self, Bus, BusEvent, NodeId};
use crate::config::Config;
use crate::engineio::Mount;
use crate::http;
use crate::lifecycle::{Lifecycle, Signals};
use crate::store::{self, MigrationReport, Store};
use crate::telemetry::metrics::{Label, Notice};
use crate::telemetry::{LogFilter, Metrics, Tracer};
use crate::time::Clock;
pub use error::Error;
use patience::patiently;

/// Messages of other replicas that may wait for the bridge.
const BUS_EVENTS: usize = 4_096;

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
    metrics: Arc<Metrics>,
    clock: Clock,
    server: ServerHandle,
    deadline: Duration,
}

/// Serves until told to end, then drains. Told while it still begins, it just ends: it has no clients.
///
/// # Errors
/// [`Error`], when it can't begin.
pub async fn serve(config: Config, log_filter: LogFilter) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    let app = tokio::select! {
        app = begin(&config, log_filter) => app?,
        notice = signals.next() => {
            tracing::info!(notice = notice.as_str(), "told to end before it served");
            return Ok(());
        }
    };
    let life = app.life.clone();
    let notice = tokio::select! {
        notice = signals.next() => notice,
        notice = life.asked_to_end() => notice,
    };
    end(app, notice, signals).await;
    Ok(())
}

async fn begin(config: &Config, log_filter: LogFilter) -> Result<App, Error> {
    let listener = listen(config)?;
    let database = settings::database(config);
    let report = patiently(async || store::migrate(&database).await).await?;
    if !report.applied.is_empty() {
        tracing::info!(migrations = ?report.applied, "database schema brought up to date");
    }
    if report.renewed > 0 {
        tracing::warn!(rooms = report.renewed, "a restored database: all rooms have new epochs");
    }
    let node = NodeId(uuid::Uuid::now_v7());
    let (events, bus_events) = mpsc::channel(BUS_EVENTS);
    let parts = Parts {
        clock: Clock::system(),
        node,
        bus: bus::connect(&settings::bus(config), node, events).await?,
        bus_events,
        store: patiently(async || store::connect(&database).await).await?,
        listener,
        log_filter,
    };
    let app = App::start(config, parts)?;
    announce(config, &app);
    watch_target(config, &app)?;
    Ok(app)
}

/// Brings the database's schema up to date.
///
/// # Errors
/// When it can't, or when it is newer than this binary.
pub async fn migrate(config: Config) -> Result<(), Error> {
    let database = settings::database(&config);
    tell(&patiently(async || store::migrate(&database).await).await?);
    Ok(())
}

/// The same for a database that was put back from a backup: clients begin again from snapshots.
///
/// # Errors
/// As of [`migrate`].
pub async fn restored(config: Config) -> Result<(), Error> {
    let database = settings::database(&config);
    tell(&patiently(async || store::restored(&database).await).await?);
    Ok(())
}

fn tell(report: &MigrationReport) {
    for migration in &report.applied {
        tracing::info!(migration, "applied");
    }
    let (applied, renewed) = (report.applied.len(), report.renewed);
    tracing::info!(applied, rooms.renewed = renewed, "database is up to date");
}

fn listen(config: &Config) -> Result<TcpListener, Error> {
    let address = SocketAddr::new(config.server.host, config.server.port);
    http::bind(address).map_err(|cause| Error::Listen { address, cause })
}

fn watch_target(config: &Config, app: &App) -> Result<(), Error> {
    let Some(target) = settings::balancer(config) else { return Ok(()) };
    let (port, clock, life) = (app.address.port(), app.clock.clone(), app.life.clone());
    balancer::watch(target, port, clock, life).map_err(Error::Balancer)
}

fn announce(config: &Config, app: &App) {
    let port = app.address.port();
    let board = config.server.public_url.clone();
    let board = board.unwrap_or_else(|| format!("http://localhost:{port}"));
    tracing::info!(address = %app.address, version = config.server.version, "serving");
    tracing::info!("the board is at {board}/");
}

/// Drains, unless a second signal says that there is no time for it. The first may come after another
/// notice: platforms send it to whoever is not gone yet, and then wait once more.
async fn end(app: App, notice: Notice, mut signals: Signals) {
    let signalled = matches!(notice, Notice::Terminate | Notice::Interrupt);
    let impatient = async {
        if !signalled {
            signals.next().await;
            tracing::info!("told by a signal too, going on");
        }
        signals.next().await
    };
    tokio::select! {
        () = app.drain(notice) => {}
        again = impatient => {
            tracing::warn!(notice = again.as_str(), "told again, ending at once");
        }
    }
}
