//! Who is started with what, and who knows whom.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use actix_web::web::Data;
use tokio::sync::Semaphore;

use super::{App, Error, Parts, descriptors, reach, settings};
use crate::actors::bridge::Bridge;
use crate::actors::config::Realtime;
use crate::actors::drain::Drain;
use crate::actors::gateway::Rooms;
use crate::actors::journal::Journal;
use crate::actors::lookout::Lookout;
use crate::actors::oversight::Oversight;
use crate::actors::registry::Registry;
use crate::actors::room::{PAST_READS, RoomDeps};
use crate::actors::session::{SessionDeps, TenantRates};
use crate::auth::Authenticator;
use crate::bus::{Link, NodeId};
use crate::config::Config;
use crate::http::{self, Environment, socketio::Endpoint, ws::Upgrade};
use crate::lifecycle::Lifecycle;
use crate::store::Store;
use crate::telemetry::metrics::Build;
use crate::telemetry::{LogFilter, Metrics, Tracer};
use crate::time::Clock;

/// How often tenants that are quiet are forgotten.
const SWEEP: Duration = Duration::from_secs(60);

impl App {
    /// Starts every actor and the HTTP server. Needs an actix system.
    ///
    /// # Errors
    /// [`Error`].
    pub fn start(config: &Config, parts: Parts) -> Result<Self, Error> {
        let life = Lifecycle::new();
        let listening = life.latch("listener");
        let Parts { clock, node, bus, bus_events, store, listener, log_filter } = parts;
        let address = listener.local_addr()?;
        let shared = Shared::new(config, clock, node)?;
        let realtime = Arc::new(settings::realtime(config));
        let threads = room_threads(&realtime);
        let alone = bus.health().link == Link::Alone;
        let (clock, metrics) = (shared.clock.clone(), shared.metrics.clone());
        let bridge = Bridge::new(node, bus, bus_events, store.clone(), clock, metrics);
        let journal = Journal::new(store.clone(), shared.metrics.clone(), shared.clock.clone());
        // Beside the first rooms, and all of them on the thread that moves the bytes of the store and of
        // the bus: a hop between threads costs more than what they do.
        let bridge = Bridge::start_in_arbiter(&threads[0], |_| bridge);
        let lookout = Lookout::new(shared.clock.clone());
        let lookout = Lookout::start_in_arbiter(&threads[0], |_| lookout);
        let rooms = RoomDeps {
            store: store.clone(),
            journal: Journal::start_in_arbiter(&threads[0], |_| journal),
            bridge: bridge.clone(),
            lookout: lookout.clone(),
            node,
            alone,
            clock: shared.clock.clone(),
            metrics: shared.metrics.clone(),
            tracer: shared.tracer.clone(),
            config: realtime,
            past_reads: Arc::new(Semaphore::new(PAST_READS)),
        };
        let shares = descriptors::share(config.limits.max_connections);
        let registry = Registry::new(threads, rooms);
        let session = shared.session(config, shares.sessions, registry, node, lookout.clone());
        let operators = shared.operators(config, &session, lookout, log_filter);
        let state = shared.state(config, &session, store, &life, operators);
        let upgrade = upgrade(config, &session, &life);
        let endpoint = http::socketio::mount(Endpoint {
            session: session.clone(),
            life: life.clone(),
            allowed_origins: config.server.allowed_origins.clone(),
            neighbours: reach::join(config, address, &bridge, &life),
            max_forwarded: shares.forwarded,
        });
        let listening_on = settings::listening(config, shares.sessions + shares.beside);
        let server = http::serve(&listening_on, listener, state, upgrade, endpoint.clone())?;
        let handle = server.handle();
        actix::spawn(server);
        listening.release();
        Ok(Self {
            address,
            life,
            registry: session.registry.clone(),
            drain: session.drain.clone(),
            bridge,
            socketio: endpoint,
            tracer: shared.tracer,
            metrics: shared.metrics,
            clock: shared.clock,
            server: handle,
            deadline: Duration::from_millis(config.drain.deadline_ms),
        })
    }
}

/// What is traced: nothing without somebody to tell.
fn tracer(config: &Config, node: NodeId, metrics: &Metrics) -> Result<Tracer, Error> {
    let version = &config.server.version;
    config.telemetry.trace.as_ref().map_or_else(
        || Ok(Tracer::off()),
        |to| Ok(Tracer::start(to, &node.to_string(), version, metrics)?),
    )
}

fn upgrade(config: &Config, session: &Arc<SessionDeps>, life: &Lifecycle) -> Data<Upgrade> {
    Data::new(Upgrade {
        session: session.clone(),
        life: life.clone(),
        allowed_origins: config.server.allowed_origins.clone(),
        query_token: config.app_env.is_development(),
    })
}

/// What nearly everyone is handed.
struct Shared {
    metrics: Arc<Metrics>,
    tracer: Tracer,
    authenticator: Arc<Authenticator>,
    clock: Clock,
}

impl Shared {
    fn new(config: &Config, clock: Clock, node: NodeId) -> Result<Self, Error> {
        let build = Build { version: &config.server.version, commit: "" };
        let metrics = Arc::new(Metrics::new(build, &clock));
        let tracer = tracer(config, node, &metrics)?;
        let authenticator = Arc::new(Authenticator::new(&config.auth).map_err(Error::Keys)?);
        Ok(Self { metrics, tracer, authenticator, clock })
    }

    fn session(
        &self,
        config: &Config,
        most: usize,
        registry: Registry,
        node: NodeId,
        lookout: Addr<Lookout>,
    ) -> Arc<SessionDeps> {
        let limits = Arc::new(settings::limits(config, most));
        let tenants = Arc::new(TenantRates::new(&limits));
        sweep(tenants.clone());
        Arc::new(SessionDeps {
            registry: registry.start(),
            drain: Drain::new(self.metrics.clone(), self.clock.clone(), lookout).start(),
            authenticator: self.authenticator.clone(),
            tenants,
            clock: self.clock.clone(),
            metrics: self.metrics.clone(),
            tracer: self.tracer.clone(),
            config: Arc::new(settings::realtime(config)),
            limits,
            node: node.to_string().into(),
            version: config.server.version.as_str().into(),
        })
    }

    fn operators(
        &self,
        config: &Config,
        session: &SessionDeps,
        lookout: Addr<Lookout>,
        log_filter: LogFilter,
    ) -> http::Operators {
        let (registry, drain) = (session.registry.clone(), session.drain.clone());
        http::Operators {
            oversight: Oversight::new(registry, drain, lookout, session.tenants.clone()),
            tenant: config.operator.tenant.clone(),
            log_filter,
            node: session.node.to_string(),
            began: self.clock.monotonic(),
            drain_deadline_ms: config.drain.deadline_ms,
        }
    }

    fn state(
        &self,
        config: &Config,
        session: &SessionDeps,
        store: Arc<dyn Store>,
        life: &Lifecycle,
        operators: http::Operators,
    ) -> Data<http::State> {
        // Tokens for whoever asks are given only where anybody can make them anyway.
        let development = config.app_env.is_development() && config.is_publicly_signed();
        Data::new(http::State {
            rooms: Rooms::new(
                session.registry.clone(),
                session.tenants.clone(),
                self.metrics.clone(),
            ),
            store,
            feed_waiting: http::Waiting::default(),
            operators,
            authenticator: self.authenticator.clone(),
            metrics: self.metrics.clone(),
            tracer: self.tracer.clone(),
            lifecycle: life.clone(),
            version: config.server.version.clone(),
            public_url: config.server.public_url.clone(),
            clock: self.clock.clone(),
            environment: if development {
                Environment::Development
            } else {
                Environment::Production
            },
        })
    }
}

/// Where rooms live: not on the threads of HTTP requests. The first is this one.
fn room_threads(realtime: &Realtime) -> Vec<ArbiterHandle> {
    let others = (1..realtime.room_threads).map(|_| Arbiter::new().handle());
    [Arbiter::current()].into_iter().chain(others).collect()
}

fn sweep(tenants: Arc<TenantRates>) {
    actix::spawn(async move {
        let mut tick = actix::clock::interval(SWEEP);
        loop {
            tick.tick().await;
            tenants.sweep();
        }
    });
}
