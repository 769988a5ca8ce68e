//! What a request wants, or why not. The order of the checks is the official server's, because
//! clients see which one failed.

use std::sync::Arc;

use actix::prelude::*;
use actix_web::http::Method;
use actix_web::http::header::{ORIGIN, UPGRADE};
use actix_web::{HttpRequest, web::Query};

use super::answer::Fault;
use super::cors::may_connect;
use super::forward::is_elsewhere;
use crate::engineio::mount::Endpoint;
use crate::engineio::registry::Find;
use crate::engineio::session::Session;
use crate::engineio::sid::Sid;

/// A request that may go on.
pub(super) enum Ask {
    /// A new session that polls.
    Open,
    /// A new session on a WebSocket.
    OpenSocket,
    /// Data for a session that polls, if it exists.
    Poll(Sid),
    /// Data from it, if it exists.
    Post(Sid),
    /// A WebSocket for it.
    Upgrade(Addr<Session>),
    /// Data to or from a session that another replica keeps.
    Forward(Sid),
    /// A WebSocket for it.
    Tunnel(Sid),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Polling,
    WebSocket,
}

/// Whether a WebSocket is asked for.
pub(super) fn is_upgrade(request: &HttpRequest) -> bool {
    let upgrade = request.headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Checks a request: transport, origin, session, method, protocol.
pub(super) async fn verify(request: &HttpRequest, endpoint: &Arc<Endpoint>) -> Result<Ask, Fault> {
    let query = Parameters::of(request);
    let transport = match query.get("transport") {
        Some("polling") => Transport::Polling,
        Some("websocket") => Transport::WebSocket,
        _ => return Err(Fault::UnknownTransport),
    };
    let upgrade = is_upgrade(request);
    let origin = request.headers().get(ORIGIN);
    if origin.is_some_and(|origin| origin.to_str().is_err()) {
        return Err(Fault::BadRequest);
    }
    if upgrade && !may_connect(request, &endpoint.config.allowed_origins) {
        return Err(Fault::ForeignOrigin);
    }
    if upgrade != (transport == Transport::WebSocket) && query.get("sid").is_none() {
        let fits = request.method() == Method::GET;
        return Err(if fits { Fault::BadRequest } else { Fault::BadMethod });
    }
    match query.get("sid") {
        Some(sid) => verify_known(request, transport, upgrade, Sid::named(sid), endpoint).await,
        None => verify_new(request, transport, query.get("EIO")),
    }
}

fn verify_new(
    request: &HttpRequest,
    transport: Transport,
    protocol: Option<&str>,
) -> Result<Ask, Fault> {
    if request.method() != Method::GET {
        return Err(Fault::BadMethod);
    }
    if protocol != Some("4") {
        return Err(Fault::UnsupportedProtocol);
    }
    Ok(match transport {
        Transport::Polling => Ask::Open,
        Transport::WebSocket => Ask::OpenSocket,
    })
}

/// Whether the session still polls is the session's to say.
async fn verify_known(
    request: &HttpRequest,
    transport: Transport,
    upgrade: bool,
    sid: Sid,
    endpoint: &Endpoint,
) -> Result<Ask, Fault> {
    let elsewhere = is_elsewhere(request, &sid, &endpoint.config);
    match (transport, upgrade, request.method()) {
        (Transport::WebSocket, true, &Method::GET) if elsewhere => Ok(Ask::Tunnel(sid)),
        (Transport::Polling, false, &Method::GET | &Method::POST) if elsewhere => {
            Ok(Ask::Forward(sid))
        }
        (Transport::WebSocket, true, &Method::GET) => Ok(Ask::Upgrade(find(endpoint, sid).await?)),
        (Transport::Polling, false, &Method::GET) => Ok(Ask::Poll(sid)),
        (Transport::Polling, false, &Method::POST) => Ok(Ask::Post(sid)),
        _ => find(endpoint, sid).await.and(Err(Fault::BadRequest)),
    }
}

/// The session with this id.
pub(super) async fn find(endpoint: &Endpoint, sid: Sid) -> Result<Addr<Session>, Fault> {
    let found = endpoint.registry.send(Find(sid)).await;
    found.ok().flatten().ok_or(Fault::UnknownSid)
}

/// The query; of a repeated name the first counts, an empty value is none, unknown names are
/// skipped: every client adds some of its own.
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn of(request: &HttpRequest) -> Self {
        let query = Query::from_query(request.query_string());
        Self(query.map(Query::into_inner).unwrap_or_default())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}
