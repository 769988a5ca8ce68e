//! One Socket.IO client: lets it in by the token of its CONNECT and gives it a session, the same that
//! a native client has. Called by the Socket.IO layer, on the connection's own actor; what the client
//! says waits there while its session is behind.

use std::sync::Arc;

use actix::dev::SendError;
use actix::prelude::*;
use bytestring::ByteString;
use serde_json::Value;

use super::measure::Measure;
use super::outlet::{Outlet, Overrun};
use super::post::post_to;
use super::session::{HungUp, Said, Session, SessionDeps, SessionSeed, Upgraded, refused};
use crate::auth::Principal;
use crate::protocol::Framing;
use crate::protocol::code::CloseCode;
use crate::protocol::error::WireError;
use crate::protocol::frame::NAMESPACE;
use crate::socketio::{Closed, Event, Flow, Left, Member, Refusal, Socket, Visitor};
use crate::telemetry::metrics::Transport;
use crate::telemetry::trace::Parent;

/// The client before and beside its session.
pub struct Client {
    deps: Arc<SessionDeps>,
    transport: Transport,
    handshake: Option<Parent>,
    session: Option<Addr<Session>>,
}

/// Its membership of the one namespace.
struct Membership {
    session: Addr<Session>,
    /// What the session starts with, once the client has been told that it is in.
    waiting: Option<Box<(Context<Session>, SessionSeed)>>,
    socket: Option<Socket>,
}

impl Client {
    /// One that came by `transport` with a `handshake` that may be recorded.
    #[must_use]
    pub fn new(deps: Arc<SessionDeps>, transport: Transport, handshake: Option<Parent>) -> Self {
        Self { deps, transport, handshake, session: None }
    }

    fn principal(&self, auth: Option<&ByteString>) -> Result<Principal, WireError> {
        let token = token(auth)?;
        let verified = self.deps.authenticator.verify(&token, self.deps.clock.now());
        verified.map_err(|error| {
            self.deps.metrics.auth_failure(&error);
            refused(&error)
        })
    }
}

impl Visitor for Client {
    fn connect(
        &mut self,
        namespace: &str,
        auth: Option<&ByteString>,
    ) -> Result<Box<dyn Member>, Refusal> {
        if namespace != NAMESPACE {
            return Err(Refusal::invalid_namespace());
        }
        let principal = self.principal(auth).map_err(refusal)?;
        let context = Context::new();
        let session = context.address();
        self.session = Some(session.clone());
        let seed = SessionSeed {
            principal: Some(principal),
            transport: self.transport,
            framing: Framing::Json,
            kill: None,
            handshake: self.handshake,
            deps: self.deps.clone(),
        };
        let waiting = Some(Box::new((context, seed)));
        Ok(Box::new(Membership { session, waiting, socket: None }))
    }

    fn upgraded(&mut self) {
        self.transport = Transport::SocketIo;
        if let Some(session) = &self.session {
            post_to(session, Upgraded);
        }
    }
}

impl Member for Membership {
    fn joined(&mut self, socket: Socket) {
        if let Some(waiting) = self.waiting.take() {
            let (context, seed) = *waiting;
            self.socket = Some(socket.clone());
            context.run(Session::new(seed, Outlet::socketio(socket)));
        }
    }

    fn event(&mut self, event: Event) -> Flow {
        match self.session.try_send(Said(event)) {
            Err(SendError::Full(said)) => {
                let waiting = self.session.send(said);
                Some(Box::pin(async move {
                    waiting.await.ok();
                }))
            }
            // Of a session that has ended the client's transport ends as well.
            Ok(()) | Err(SendError::Closed(_)) => None,
        }
    }

    fn behind(&mut self) {
        post_to(&self.session, Overrun);
    }

    fn left(&mut self, why: Left) {
        if let (Some(code), Some(socket)) = (fault(why), &self.socket) {
            Outlet::socketio(socket.clone()).close(code).ok();
        }
        let clean = matches!(why, Left::ByClient | Left::Transport(Closed::ClientLeft));
        post_to(&self.session, HungUp { clean });
    }
}

/// What the client has done to lose its transport, if it did.
fn fault(why: Left) -> Option<CloseCode> {
    match why {
        Left::Transport(Closed::PingTimeout) => Some(CloseCode::HeartbeatTimeout),
        Left::Violation | Left::Transport(Closed::BadPacket) => Some(CloseCode::ProtocolError),
        Left::ByClient | Left::ByServer | Left::Transport(_) => None,
    }
}

/// The token of a CONNECT's payload.
fn token(auth: Option<&ByteString>) -> Result<String, WireError> {
    let auth: Option<Value> = auth.and_then(|auth| serde_json::from_str(auth).ok());
    match auth.as_ref().and_then(|auth| auth.get("token")) {
        Some(Value::String(token)) => Ok(token.clone()),
        Some(_) => Err(WireError::unauthenticated("auth.token must be a string")),
        None => Err(WireError::unauthenticated("auth.token is required")),
    }
}

/// What the client's `connect_error` carries: the error as every other, for programs.
fn refusal(error: WireError) -> Refusal {
    let data = serde_json::to_string(&error).expect("an error is plain data");
    Refusal { message: error.message, data: Some(data) }
}
