//! One client: its identity, rate limits, joined rooms, heartbeat and token. It owns no room state
//! and sees no broadcast; those go from the room to the socket. It stays alive when the socket is
//! stuck, which is why the verdict on slow clients is its. A full mailbox makes the socket stop
//! reading.

mod credentials;
mod describing;
mod ending;
mod inbound;
mod liveness;
mod presence;
mod rates;
mod rooms;
mod story;

use std::sync::Arc;

use actix::prelude::*;
use bytes::Bytes;
use serde_json::Number;

pub use self::credentials::refused;
use self::describing::Counts;
pub use self::describing::{Describe, Described};
use self::presence::Held;
use self::rates::Rates;
pub use self::rates::TenantRates;
use self::rooms::Links;
pub(super) use self::rooms::hand_over;
use self::story::Story;
use super::config::{Limits, Realtime};
use super::drain::{Drain, Enter, Exit};
use super::measure::Measure;
use super::outlet::{Outlet, Overrun};
use super::post::post_to;
use super::registry::Registry;
use super::room::{Caller, Departure, Note};
use crate::auth::{Authenticator, Principal};
use crate::domain::SessionId;
use crate::lifecycle::{Lifecycle, Phase};
use crate::protocol::Framing;
use crate::protocol::code::CloseCode;
use crate::protocol::error::WireError;
use crate::protocol::server::{ServerMessage, encode};
use crate::socketio::Event;
use crate::telemetry::Tracer;
use crate::telemetry::metrics::{GaugeGuard, LimitScope, Metrics, Transport};
use crate::telemetry::trace::{Parent, Span};
use crate::time::Clock;
use crate::websocket::Signal;

/// What every session of a replica works with.
#[derive(Clone)]
pub struct SessionDeps {
    /// Where rooms are.
    pub registry: Addr<Registry>,
    /// Who counts and moves sessions.
    pub drain: Addr<Drain>,
    /// Who checks tokens.
    pub authenticator: Arc<Authenticator>,
    /// The tenants' shares of this replica.
    pub tenants: Arc<TenantRates>,
    /// The time.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is traced.
    pub tracer: Tracer,
    /// Times and sizes.
    pub config: Arc<Realtime>,
    /// Rates.
    pub limits: Arc<Limits>,
    /// This replica's name.
    pub node: Arc<str>,
    /// The service's version.
    pub version: Arc<str>,
}

impl SessionDeps {
    /// Whether one more session may begin.
    ///
    /// # Errors
    /// `unavailable` while the replica starts or drains, `busy` when it is full.
    pub fn admit(&self, life: &Lifecycle) -> Result<(), WireError> {
        if life.phase() != Phase::Ready {
            return Err(WireError::unavailable(1_000));
        }
        if self.metrics.sessions.total() >= self.limits.max_connections {
            self.metrics.rate_limited(LimitScope::Connections);
            return Err(WireError::busy(5_000));
        }
        Ok(())
    }
}

/// What a session starts with.
pub struct SessionSeed {
    /// Known when the upgrade carried a token.
    pub principal: Option<Principal>,
    /// How its messages travel.
    pub transport: Transport,
    /// How a native client wants its messages.
    pub framing: Framing,
    /// How to cut its connection.
    pub kill: Option<Signal>,
    /// Its handshake, where that is recorded.
    pub handshake: Option<Parent>,
    /// The rest.
    pub deps: Arc<SessionDeps>,
}

/// A whole message of the client.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Inbound(pub Bytes);

/// What a Socket.IO client says.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Said(pub Event);

/// A WebSocket has taken the place of long-polling.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Upgraded;

/// A frame that carries nothing but life.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Heard;

/// The socket has ended.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct HungUp {
    /// The client said so first, in order.
    pub clean: bool,
}

/// Someone outside wants the session closed.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Close(pub CloseCode);

/// This replica has no more time for it: the connection is cut.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Cut;

/// This replica goes away: the client's own moment to reconnect.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Leave {
    /// When it should reconnect, from now, in milliseconds.
    pub reconnect_after_ms: u64,
    /// When the replica ends, from now, in milliseconds.
    pub deadline_ms: u64,
}

/// The actor.
pub struct Session {
    id: SessionId,
    caller: Option<Arc<Caller>>,
    outlet: Outlet,
    kill: Option<Signal>,
    deps: Arc<SessionDeps>,
    links: Links,
    rates: Rates,
    held: Held,
    framing: Framing,
    silent: bool,
    expiry: Option<SpawnHandle>,
    malformed: u32,
    closing: bool,
    moving: bool,
    transport: Transport,
    counts: Counts,
    counted: GaugeGuard,
    story: Story,
}

impl Session {
    /// A session behind `outlet`.
    #[must_use]
    pub fn new(seed: SessionSeed, outlet: Outlet) -> Self {
        let id = SessionId::parse(&uuid::Uuid::now_v7().to_string())
            .expect("a UUID is a valid session id");
        let SessionSeed { principal, transport, framing, kill, handshake, deps } = seed;
        let now = deps.clock.monotonic();
        let session = Some(id.clone());
        Self {
            caller: principal.map(|principal| Arc::new(Caller { principal, session })),
            links: Links::default(),
            rates: Rates::new(&deps.limits),
            held: Held::default(),
            framing,
            silent: false,
            expiry: None,
            malformed: 0,
            closing: false,
            moving: false,
            transport,
            counts: Counts::default(),
            counted: deps.metrics.sessions.of(transport).guard(),
            story: Story::new(deps.tracer.clone(), handshake, now),
            id,
            outlet,
            kill,
            deps,
        }
    }

    /// The span of a request that has come in.
    fn trace(&mut self, name: &'static str) -> Span {
        let mut span = self.story.request(name, || self.deps.clock.monotonic());
        span.note("kyo.session", || self.id.as_str().to_owned());
        span
    }

    /// Sends a message of this session's own; one that does not fit leads to the slow verdict.
    fn push(&self, message: &ServerMessage) {
        self.say(None, message);
    }

    /// The same as a reply.
    fn say(&self, re: Option<&Number>, message: &ServerMessage) {
        self.outlet.send(&encode(re, message)).ok();
    }
}

impl Actor for Session {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(256);
        post_to(&self.deps.drain, Enter { id: self.id.clone(), addr: ctx.address() });
        if self.outlet.needs_pings() {
            self.watch(ctx);
        }
        if self.caller.is_some() {
            self.welcome(ctx);
        } else {
            self.await_authentication(ctx);
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        post_to(&self.deps.drain, Exit { id: self.id.clone() });
    }
}

impl Handler<Inbound> for Session {
    type Result = ();

    fn handle(&mut self, Inbound(bytes): Inbound, ctx: &mut Self::Context) {
        self.hear();
        self.counts.messages += 1;
        if !self.closing {
            self.receive(&bytes, ctx);
        }
    }
}

impl Handler<Said> for Session {
    type Result = ();

    fn handle(&mut self, Said(event): Said, ctx: &mut Self::Context) {
        self.counts.messages += 1;
        if !self.closing {
            self.receive_event(event, ctx);
        }
    }
}

impl Handler<Upgraded> for Session {
    type Result = ();

    fn handle(&mut self, _: Upgraded, _: &mut Self::Context) {
        self.counted = self.deps.metrics.sessions.of(Transport::SocketIo).guard();
        self.transport = Transport::SocketIo;
        self.introduce();
    }
}

impl Handler<Heard> for Session {
    type Result = ();

    fn handle(&mut self, _: Heard, _: &mut Self::Context) {
        self.hear();
    }
}

impl Handler<HungUp> for Session {
    type Result = ();

    fn handle(&mut self, HungUp { clean }: HungUp, ctx: &mut Self::Context) {
        self.hung_up(clean, ctx);
    }
}

impl Handler<Overrun> for Session {
    type Result = ();

    fn handle(&mut self, _: Overrun, ctx: &mut Self::Context) {
        if !self.closing {
            self.deps.metrics.slow_closes_total.inc();
            tracing::info!(session.id = %self.id, "client does not keep up, closing");
            self.close(CloseCode::SlowConsumer, ctx);
        }
    }
}

impl Handler<Close> for Session {
    type Result = ();

    fn handle(&mut self, Close(code): Close, ctx: &mut Self::Context) {
        self.close(code, ctx);
    }
}

impl Handler<Cut> for Session {
    type Result = ();

    fn handle(&mut self, _: Cut, ctx: &mut Self::Context) {
        self.leave_all(Departure::Cut);
        self.cut(ctx);
    }
}

impl Handler<Leave> for Session {
    type Result = ();

    fn handle(&mut self, leave: Leave, ctx: &mut Self::Context) {
        self.drain(leave, ctx);
    }
}

impl Handler<Note> for Session {
    type Result = ();

    fn handle(&mut self, note: Note, ctx: &mut Self::Context) {
        self.noted(note, ctx);
    }
}
