//! The WebSocket upgrade: who may connect from where, in which framing, as whom. With
//! `actors/socket.rs` the only place of the native socket that names actix-web-actors.

use actix_http::ws::Codec;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use actix_web_actors::ws::{WebsocketContext, handshake_with_protocols};

use super::spans::Traced;
use super::upgraded::Line;
use super::{ApiError, State, bearer};
use crate::actors::measure::Measure;
use crate::actors::outbox::Budget;
use crate::actors::session::{SessionDeps, SessionSeed};
use crate::actors::socket::Socket;
use crate::actors::wire::Frames;
use crate::auth::{AuthError, Principal};
use crate::lifecycle::Lifecycle;
use crate::protocol::error::WireError;
use crate::protocol::{Framing, MAX_MESSAGE_BYTES, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK};
use crate::telemetry::metrics::Transport;
use crate::websocket::{Intake, Meter, Signal, Wire};

/// Where it is.
pub const PATH: &str = "/api/collaboration/ws";

/// What the upgrade needs to know.
#[derive(Clone)]
pub struct Upgrade {
    /// What sessions work with.
    pub session: Arc<SessionDeps>,
    /// Whether the replica takes new sessions.
    pub life: Lifecycle,
    /// Origins of browsers that may connect, besides the service's own.
    pub allowed_origins: Vec<String>,
    /// Whether a token in the query string is taken, as in development alone.
    pub query_token: bool,
}

/// `GET /api/collaboration/ws`
///
/// # Errors
/// 401 on a bad token in the header, 403 on a foreign origin, 422 on subprotocols we do not speak,
/// 503 while the replica starts, drains or is full.
pub async fn upgrade(
    request: HttpRequest,
    stream: web::Payload,
    upgrade: web::Data<Upgrade>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    upgrade.session.admit(&upgrade.life)?;
    let (mut response, signal, line) = handshake(&request)?;
    check_origin(&request, &upgrade)?;
    check_query(&request, &upgrade)?;
    let framing = framing(&request)?;
    let principal =
        principal(&request, &upgrade).inspect_err(|error| state.metrics.auth_failure(error))?;
    let seed = SessionSeed {
        principal,
        transport: Transport::WebSocket,
        framing,
        kill: Some(signal.clone()),
        handshake: Traced::of(&request).parent,
        deps: upgrade.session.clone(),
    };
    let config = &upgrade.session.config;
    let budget = Budget { frames: config.outbox_frames, bytes: config.outbox_bytes };
    let (outbox, inlet) = line.outbox(budget, framing);
    let codec = Codec::new().max_size(MAX_MESSAGE_BYTES);
    let meter = Rc::<Meter>::default();
    let intake = Intake::new(stream, meter.clone(), MAX_MESSAGE_BYTES);
    let socket = Socket::new(seed, outbox, meter);
    let control = WebsocketContext::with_codec(socket, intake, codec);
    Ok(response.streaming(Wire::new(control, Frames::new(inlet, framing), signal)))
}

fn handshake(request: &HttpRequest) -> Result<(HttpResponseBuilder, Signal, Line), ApiError> {
    let response = handshake_with_protocols(request, &[SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK]).ok();
    let (signal, line) = (Signal::of(&request.extensions()), Line::of(&request.extensions()));
    let all =
        response.zip(signal).zip(line).map(|((response, signal), line)| (response, signal, line));
    all.ok_or_else(|| WireError::invalid("Upgrade", "must be a WebSocket upgrade").into())
}

/// A browser names the page that connects; one that is not ours must be on the list, or any site
/// could act with what the person has there (RFC 6455, section 10.2).
fn check_origin(request: &HttpRequest, upgrade: &Upgrade) -> Result<(), ApiError> {
    let Some(origin) = request.headers().get(ORIGIN).map(|value| value.to_str().unwrap_or(""))
    else {
        return Ok(());
    };
    let origin = origin.to_ascii_lowercase();
    let own = origin
        .split_once("://")
        .is_some_and(|(_, host)| host == request.connection_info().host().to_ascii_lowercase());
    let listed =
        upgrade.allowed_origins.iter().any(|allowed| *allowed == "*" || *allowed == origin);
    if own || listed {
        Ok(())
    } else {
        Err(WireError::forbidden("this origin may not connect").into())
    }
}

fn framing(request: &HttpRequest) -> Result<Framing, ApiError> {
    let mut offered = request
        .headers()
        .get_all(SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .peekable();
    if offered.peek().is_none() {
        return Ok(Framing::Json);
    }
    offered.find_map(Framing::from_subprotocol).ok_or_else(|| {
        let rule = "must offer kyo.v1.json or kyo.v1.msgpack";
        ApiError::from(WireError::invalid("Sec-WebSocket-Protocol", rule))
    })
}

/// The principal of the header, if there is one; without it the first message has to say.
fn principal(request: &HttpRequest, upgrade: &Upgrade) -> Result<Option<Principal>, AuthError> {
    let Some(token) = token(request, upgrade)? else { return Ok(None) };
    let deps = &upgrade.session;
    deps.authenticator.verify(&token, deps.clock.now()).map(Some)
}

fn token(request: &HttpRequest, upgrade: &Upgrade) -> Result<Option<String>, AuthError> {
    if request.headers().contains_key(AUTHORIZATION) {
        let token = bearer(request).map(|token| Some(token.to_owned()));
        let reason = "not a bearer token".to_owned();
        return token.ok_or(AuthError::Invalid { reason });
    }
    Ok(query_token(request).filter(|_| upgrade.query_token))
}

/// A token in the address ends up in access logs: only a development installation takes it.
fn check_query(request: &HttpRequest, upgrade: &Upgrade) -> Result<(), ApiError> {
    if !upgrade.query_token && query_token(request).is_some() {
        let rule = "must not be in the query string, which ends up in logs";
        return Err(WireError::invalid("token", rule).into());
    }
    Ok(())
}

fn query_token(request: &HttpRequest) -> Option<String> {
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    query.ok().and_then(|mut query| query.remove("token"))
}
