//! A new session: its place, its id, its first packet.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::answer::{self, Fault};
use crate::engineio::config::Config;
use crate::engineio::mount::{Endpoint, Place};
use crate::engineio::session::{Session, announce};
use crate::engineio::sid::Sid;

/// The data of an `open` packet.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Open<'a> {
    sid: &'a str,
    upgrades: &'a [&'a str],
    ping_interval: u128,
    ping_timeout: u128,
    max_payload: usize,
}

/// The `open` packet of a session that may yet become what `upgrades` says.
pub(super) fn open_packet(sid: &Sid, config: &Config, upgrades: &[&str]) -> String {
    let open = Open {
        sid: sid.expose(),
        upgrades,
        ping_interval: config.ping_interval.as_millis(),
        ping_timeout: config.ping_timeout.as_millis(),
        max_payload: config.max_payload,
    };
    let json = serde_json::to_string(&open).expect("strings and numbers can be written as JSON");
    format!("0{json}")
}

/// A place for a new session, or what its client is told instead.
pub(super) fn admit(
    request: &HttpRequest,
    endpoint: &Arc<Endpoint>,
) -> Result<Place, Box<HttpResponse>> {
    if let Some(refusal) = endpoint.service.refuse(request) {
        return Err(Box::new(refusal));
    }
    let place = endpoint.occupy();
    place.ok_or_else(|| Box::new(answer::fault(request, Fault::TooManySessions)))
}

/// A session that polls.
pub(super) async fn by_polling(request: &HttpRequest, endpoint: &Arc<Endpoint>) -> HttpResponse {
    let place = match admit(request, endpoint) {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    let sid = Sid::random(&endpoint.config.node);
    let open = |link| endpoint.service.open(request, link);
    let session = Session::begin(endpoint, place, sid.clone(), open);
    announce(endpoint, sid.clone(), &session).await;
    answer::payload(open_packet(&sid, &endpoint.config, &["websocket"]).into_bytes())
}
