//! The Socket.IO endpoint: who may begin a session, and what each is given. The layers below it
//! (`engineio/`, `socketio/`) have the requests; the session is `actors/socketio.rs`'s.

use std::sync::Arc;

use actix_web::http::header::UPGRADE;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};

use super::ApiError;
use super::spans::Traced;
use crate::actors::session::SessionDeps;
use crate::actors::socketio::Client;
use crate::engineio::{self, Budget, Cut, Link, Mount, Neighbours};
use crate::lifecycle::Lifecycle;
use crate::protocol::{MAX_DEPTH, MAX_MESSAGE_BYTES};
use crate::socketio::{self, Config, Limits, Service, Visitor};
use crate::telemetry::metrics::Transport;
use crate::websocket::Signal;

/// Where it is.
pub const PATH: &str = "/socket.io/";

/// What the endpoint needs to know.
pub struct Endpoint {
    /// What sessions work with.
    pub session: Arc<SessionDeps>,
    /// Whether the replica takes new sessions.
    pub life: Lifecycle,
    /// Origins of pages on other hosts that may call, besides the service's own.
    pub allowed_origins: Vec<String>,
    /// Who knows the other replicas.
    pub neighbours: Arc<dyn Neighbours>,
    /// Requests and WebSockets passed on to them at once.
    pub max_forwarded: usize,
}

/// Starts the endpoint; see [`Mount::start`].
#[must_use]
pub fn mount(endpoint: Endpoint) -> Mount {
    let deps = &endpoint.session;
    let realtime = &deps.config;
    let engine = engineio::Config {
        path: PATH.to_owned(),
        node: deps.node.to_string(),
        ping_interval: realtime.ping_interval,
        ping_timeout: realtime.ping_timeout,
        close_grace: realtime.kill_after,
        max_payload: MAX_MESSAGE_BYTES,
        budget: Budget { packets: realtime.outbox_frames, bytes: realtime.outbox_bytes },
        max_sessions: deps.limits.max_connections,
        allowed_origins: lower_case(&endpoint.allowed_origins),
        neighbours: Some(endpoint.neighbours.clone()),
        max_forwarded: endpoint.max_forwarded,
        ..engineio::Config::default()
    };
    let limits = Limits { bytes: MAX_MESSAGE_BYTES, depth: MAX_DEPTH + 1, ..Limits::default() };
    let config = Config { connect_timeout: realtime.auth_deadline, limits, ..Config::default() };
    let clock = deps.clock.clone();
    socketio::mount(engine, config, clock, Arc::new(endpoint))
}

impl Service for Endpoint {
    fn refuse(&self, _: &HttpRequest) -> Option<HttpResponse> {
        let error = self.session.admit(&self.life).err()?;
        Some(ApiError::from(error).error_response())
    }

    fn visit(&self, request: &HttpRequest, _: &Link) -> Box<dyn Visitor> {
        let socket = request.headers().contains_key(UPGRADE);
        let transport = if socket { Transport::SocketIo } else { Transport::Polling };
        let handshake = Traced::of(request).parent;
        Box::new(Client::new(self.session.clone(), transport, handshake))
    }

    fn cutter(&self, request: &HttpRequest) -> Option<Cut> {
        let signal = Signal::of(&request.extensions())?;
        Some(Box::new(move || signal.kill()))
    }
}

fn lower_case(origins: &[String]) -> Vec<String> {
    origins.iter().map(|origin| origin.to_ascii_lowercase()).collect()
}
