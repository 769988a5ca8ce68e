//! WebSockets: as a session's first transport, or to take the place of its polling.

use std::rc::Rc;
use std::sync::Arc;

use actix::prelude::*;
use actix_http::ws::Codec;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use actix_web_actors::ws::{self, WebsocketContext};
use futures_channel::mpsc;

use super::answer::{self, Fault};
use super::forward::locate;
use super::handshake::{admit, open_packet};
use super::tunnel;
use crate::engineio::batch::Batch;
use crate::engineio::line::Line;
use crate::engineio::mount::Endpoint;
use crate::engineio::session::{Attach, Session, Socket, announce};
use crate::engineio::sid::Sid;
use crate::engineio::socket::WebSocket;
use crate::websocket::{Intake, Meter, Signal, Wire};

/// A new session on a WebSocket.
pub(super) async fn open(
    request: &HttpRequest,
    payload: web::Payload,
    endpoint: &Arc<Endpoint>,
) -> HttpResponse {
    let Some(handshake) = handshake(request) else {
        return answer::fault(request, Fault::BadRequest);
    };
    let place = match admit(request, endpoint) {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    let sid = Sid::random(&endpoint.config.node);
    let first = Batch::packet(&open_packet(&sid, &endpoint.config, &[]));
    let socket = Socket { id: endpoint.number(), cut: endpoint.service.cutter(request) };
    let id = socket.id;
    let open = |link| endpoint.service.open(request, link);
    let (session, inlet) =
        Session::begin_on_socket(endpoint, place, sid.clone(), socket, &first, open);
    announce(endpoint, sid, &session).await;
    let make = |meter| WebSocket::new(id, session, None, meter, endpoint.config.max_payload);
    respond(handshake, payload, endpoint, make, Line::Transport(inlet))
}

/// A WebSocket for a session that polls. Whether it is wanted, the session says on the socket itself:
/// the official clients expect a second one to be accepted and then closed.
pub(super) fn upgrade(
    request: &HttpRequest,
    payload: web::Payload,
    session: &Addr<Session>,
    endpoint: &Arc<Endpoint>,
) -> HttpResponse {
    let Some(handshake) = handshake(request) else {
        return answer::fault(request, Fault::BadRequest);
    };
    let socket = Socket { id: endpoint.number(), cut: endpoint.service.cutter(request) };
    let id = socket.id;
    let (answers, receiver) = mpsc::unbounded();
    let attach = Some(Attach { socket, answers });
    let make =
        |meter| WebSocket::new(id, session.clone(), attach, meter, endpoint.config.max_payload);
    respond(handshake, payload, endpoint, make, Line::Candidate(receiver))
}

/// A WebSocket for a session that another replica keeps.
pub(super) async fn tunnel(
    request: &HttpRequest,
    payload: web::Payload,
    sid: &Sid,
    endpoint: &Arc<Endpoint>,
) -> HttpResponse {
    let Some((mut response, _)) = handshake(request) else {
        return answer::fault(request, Fault::BadRequest);
    };
    let Ok(pass) = endpoint.passes.clone().try_acquire_owned() else {
        return answer::fault(request, Fault::TooManyForwarded);
    };
    let taken = match locate(sid, endpoint).await {
        Some(address) => tunnel::dial(&address, request).await,
        None => None,
    };
    let Some(taken) = taken else { return answer::fault(request, Fault::UnknownSid) };
    let patience = endpoint.config.silence();
    let cut = endpoint.service.cutter(request);
    let tunnel = endpoint.leaving.enter();
    response.streaming(tunnel::open(taken, payload, patience, cut, (pass, tunnel)))
}

/// What answers a request for a WebSocket. One with chunks stays with the server's dispatcher, where
/// nobody could cut it; on a server that carries no connections itself, no signal is heard.
fn handshake(request: &HttpRequest) -> Option<Handshake> {
    if request.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    let signal = Signal::of(&request.extensions()).unwrap_or_default();
    Some((ws::handshake(request).ok()?, signal))
}

type Handshake = (HttpResponseBuilder, Signal);

fn respond(
    (mut response, signal): Handshake,
    payload: web::Payload,
    endpoint: &Endpoint,
    make: impl FnOnce(Rc<Meter>) -> WebSocket,
    line: Line,
) -> HttpResponse {
    let largest = endpoint.config.max_payload;
    let codec = Codec::new().max_size(largest);
    let meter = Rc::<Meter>::default();
    let intake = Intake::new(payload, meter.clone(), largest);
    let control = WebsocketContext::with_codec(make(meter), intake, codec);
    response.streaming(Wire::new(control, line, signal))
}
