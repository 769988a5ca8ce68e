//! One client's session: an actor that owns its heartbeat, its transport and its handler, and the
//! queue's other end while the client polls. Requests of one session arrive on different threads; all
//! of them become messages here. What happens without a message (time, data for a waiting poll, a
//! body that has come, a request that went away) is noticed by `pump.rs`.

mod ending;
mod inbound;
mod polling;
mod pump;
mod upgrade;

use std::sync::Arc;
use std::time::Instant;

use actix::prelude::*;

pub(super) use inbound::{HungUp, Received};
pub(super) use polling::{Poll, Post, Refusal, Upload, Uploading};
pub(super) use upgrade::{Attach, Socket};

use super::batch::Batch;
use super::handler::{Closed, Handler, Link, Noted};
use super::heartbeat::Heartbeat;
use super::mount::{Endpoint, Place};
use super::packet::Payload;
use super::post::post;
use super::queue::{Inlet, Outlet, queue};
use super::registry::{Began, Ended};
use super::sid::Sid;
use pump::Pump;

/// The actor.
pub(super) struct Session {
    sid: Sid,
    endpoint: Arc<Endpoint>,
    handler: Box<dyn Handler>,
    outlet: Outlet,
    heartbeat: Heartbeat,
    transport: Transport,
    upload: Option<polling::Receiving>,
    inbox: Option<Payload>,
    told_behind: bool,
    told_closed: bool,
    phase: Phase,
    _place: Place,
}

/// How the client is reached.
enum Transport {
    Polling(polling::Polling),
    Socket(Socket),
}

/// Where in its life a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Messages flow.
    Open,
    /// The handler has been told of the end; the client has until then to take what is queued.
    Closing(Instant),
    /// The client left by a POST that may have overtaken its own poll, which gets its answer.
    Lingering(Instant),
    /// Nothing is left to do.
    Over,
}

impl Session {
    /// Starts a session that polls, on this thread.
    pub(super) fn begin(
        endpoint: &Arc<Endpoint>,
        place: Place,
        sid: Sid,
        open: impl FnOnce(Link) -> Box<dyn Handler>,
    ) -> Addr<Self> {
        let (outlet, inlet) = queue(endpoint.config.budget);
        let transport = Transport::Polling(polling::Polling::new(inlet));
        Self::start(endpoint, place, sid, outlet, transport, open)
    }

    /// Starts a session on a WebSocket, which reads its queue; `first` is the first thing in it.
    pub(super) fn begin_on_socket(
        endpoint: &Arc<Endpoint>,
        place: Place,
        sid: Sid,
        socket: Socket,
        first: &Batch,
        open: impl FnOnce(Link) -> Box<dyn Handler>,
    ) -> (Addr<Self>, Inlet) {
        let (outlet, inlet) = queue(endpoint.config.budget);
        outlet.send(first).ok();
        let transport = Transport::Socket(socket);
        (Self::start(endpoint, place, sid, outlet, transport, open), inlet)
    }

    fn start(
        endpoint: &Arc<Endpoint>,
        place: Place,
        sid: Sid,
        outlet: Outlet,
        transport: Transport,
        open: impl FnOnce(Link) -> Box<dyn Handler>,
    ) -> Addr<Self> {
        let config = &endpoint.config;
        let now = endpoint.clock.monotonic();
        Self::create(|ctx: &mut Context<Self>| Self {
            sid,
            endpoint: endpoint.clone(),
            handler: open(Link::new(outlet.clone(), ctx.address().recipient())),
            outlet,
            heartbeat: Heartbeat::new(now, config.ping_interval, config.ping_timeout),
            transport,
            upload: None,
            inbox: None,
            told_behind: false,
            told_closed: false,
            phase: Phase::Open,
            _place: place,
        })
    }

    fn now(&self) -> Instant {
        self.endpoint.clock.monotonic()
    }

    fn is_open(&self) -> bool {
        self.phase == Phase::Open && !self.outlet.is_closing()
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let pump = Pump::new(self.heartbeat.deadline());
        ctx.spawn(pump);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.tell_closed(Closed::TransportClosed);
        post(&self.endpoint.ended, Ended(self.sid.clone()));
    }
}

impl Drop for Session {
    /// After a panic too: a WebSocket must not outlive the session that watches over it.
    fn drop(&mut self) {
        self.outlet.close(None, None);
    }
}

impl actix::Handler<Noted> for Session {
    type Result = ();

    fn handle(&mut self, Noted(note): Noted, _: &mut Self::Context) {
        if self.phase == Phase::Open {
            self.handler.note(note);
        }
    }
}

/// This replica goes away; clients that nobody else tells are closed with the status.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub(in crate::engineio) struct Leave(pub u16);

impl actix::Handler<Leave> for Session {
    type Result = ();

    fn handle(&mut self, Leave(status): Leave, _: &mut Self::Context) {
        if self.phase == Phase::Open {
            self.handler.leaving(status);
        }
    }
}

/// Makes a session known, so that its next request finds it.
pub(super) async fn announce(endpoint: &Endpoint, sid: Sid, session: &Addr<Session>) {
    endpoint.registry.send(Began(sid, session.clone())).await.ok();
}
