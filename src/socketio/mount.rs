//! A Socket.IO endpoint is an Engine.IO endpoint whose messages are Socket.IO packets.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::client::Client;
use super::config::Config;
use super::service::Service;
use crate::engineio::{self, Cut, Handler, Link, Mount};
use crate::time::Clock;

/// Starts an endpoint; see [`Mount::start`].
#[must_use]
pub fn mount(
    engine: engineio::Config,
    config: Config,
    clock: Clock,
    service: Arc<dyn Service>,
) -> Mount {
    let clients = Clients { config, clock: clock.clone(), service };
    Mount::start(engine, clock, Arc::new(clients))
}

/// Makes a client of each session.
struct Clients {
    config: Config,
    clock: Clock,
    service: Arc<dyn Service>,
}

impl engineio::Service for Clients {
    fn refuse(&self, request: &HttpRequest) -> Option<HttpResponse> {
        self.service.refuse(request)
    }

    fn open(&self, request: &HttpRequest, link: Link) -> Box<dyn Handler> {
        let visitor = self.service.visit(request, &link);
        Box::new(Client::new(visitor, link, self.clock.clone(), self.config))
    }

    fn cutter(&self, request: &HttpRequest) -> Option<Cut> {
        self.service.cutter(request)
    }
}
