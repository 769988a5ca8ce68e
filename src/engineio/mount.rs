//! One endpoint as the HTTP server's threads share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix::prelude::*;
use actix_web::web::ServiceConfig;
use tokio::sync::{Notify, Semaphore};

use super::config::Config;
use super::handler::Service;
use super::http;
use super::leaving::Leaving;
use super::post::post;
use super::registry::{Ended, Registry};
use super::session::Leave;
use crate::time::Clock;

/// A running endpoint; clones are the same one.
#[derive(Clone)]
pub struct Mount(Arc<Endpoint>);

/// What its parts work with.
pub(super) struct Endpoint {
    pub config: Config,
    pub clock: Clock,
    pub service: Arc<dyn Service>,
    pub registry: Addr<Registry>,
    pub ended: Recipient<Ended>,
    /// Room for requests that are passed on.
    pub passes: Arc<Semaphore>,
    pub leaving: Arc<Leaving>,
    sessions: AtomicUsize,
    sockets: AtomicU64,
    ended_all: Notify,
}

impl Mount {
    /// Starts the endpoint's registry on this thread, which must have an actix system and should not
    /// be one of the HTTP server's.
    #[must_use]
    pub fn start(config: Config, clock: Clock, service: Arc<dyn Service>) -> Self {
        let registry = Registry::default().start();
        let ended = registry.clone().recipient();
        Self(Arc::new(Endpoint {
            passes: Arc::new(Semaphore::new(config.max_forwarded.min(Semaphore::MAX_PERMITS))),
            leaving: Arc::default(),
            config,
            clock,
            service,
            registry,
            ended,
            sessions: AtomicUsize::new(0),
            sockets: AtomicU64::new(0),
            ended_all: Notify::new(),
        }))
    }

    /// Adds the endpoint to an application. The server around it must notice clients that go away
    /// while they poll: `HttpServer::h1_allow_half_closed(false)`.
    pub fn configure(&self, cfg: &mut ServiceConfig) {
        http::routes(&self.0, cfg);
    }

    /// Sessions at the moment.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.0.sessions.load(Ordering::Relaxed)
    }

    /// Requests and WebSockets that are passed on to other replicas at the moment.
    #[must_use]
    pub fn forwarded(&self) -> usize {
        self.0.config.max_forwarded.saturating_sub(self.0.passes.available_permits())
    }

    /// Tells everybody that this replica goes away: handlers at once ([`super::Handler::leaving`]), and
    /// the clients of tunnels, which are closed with `status` at their own moments within `spread`.
    /// Resolves once there is no tunnel.
    pub async fn leave(&self, spread: Duration, status: u16) {
        self.0.leaving.begin(spread, status);
        post(&self.0.registry.clone().recipient(), Leave(status));
        self.0.leaving.emptied().await;
    }

    /// Waits until there is no session: until clients that are being closed have fetched the end of
    /// what was said to them.
    pub async fn emptied(&self) {
        loop {
            let ended = self.0.ended_all.notified();
            if self.sessions() == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Endpoint {
    /// Takes a place for one more session, if there is one.
    pub(super) fn occupy(self: &Arc<Self>) -> Option<Place> {
        let before = self.sessions.fetch_add(1, Ordering::Relaxed);
        let place = Place(self.clone());
        (before < self.config.max_sessions).then_some(place)
    }

    /// A number for a WebSocket.
    pub(super) fn number(&self) -> u64 {
        self.sockets.fetch_add(1, Ordering::Relaxed)
    }
}

/// Counts one session for as long as it lives, a panic of its handler included.
pub(super) struct Place(Arc<Endpoint>);

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.sessions.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.ended_all.notify_waiters();
        }
    }
}
