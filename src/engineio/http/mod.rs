//! The requests of an endpoint: one path, told apart by method, headers and query as the official
//! server does it. `verify.rs` has the order of the checks, `answer.rs` the words.

mod answer;
mod cors;
mod forward;
mod handshake;
mod polling;
mod tunnel;
mod verify;
mod websocket;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::mount::Endpoint;
use forward::Forwarder;
use verify::{Ask, verify};

/// Adds the endpoint's path.
pub(super) fn routes(endpoint: &Arc<Endpoint>, cfg: &mut ServiceConfig) {
    let resource = web::resource(&endpoint.config.path)
        .app_data(Data::from(endpoint.clone()))
        .app_data(Data::new(Forwarder::new(&endpoint.config)))
        .route(web::route().to(serve));
    cfg.service(resource);
}

async fn serve(
    request: HttpRequest,
    payload: web::Payload,
    endpoint: Data<Endpoint>,
    forwarder: Data<Forwarder>,
) -> HttpResponse {
    let origins = &endpoint.config.allowed_origins;
    if request.method() == Method::OPTIONS {
        return cors::preflight(&request, origins);
    }
    let mut response = answer(&request, payload, &endpoint, &forwarder).await;
    cors::mark(&request, &mut response, origins);
    response
}

async fn answer(
    request: &HttpRequest,
    payload: web::Payload,
    endpoint: &Arc<Endpoint>,
    forwarder: &Forwarder,
) -> HttpResponse {
    let ask = match verify(request, endpoint).await {
        Ok(ask) => ask,
        Err(fault) => return answer::fault(request, fault),
    };
    match ask {
        Ask::Open => handshake::by_polling(request, endpoint).await,
        Ask::OpenSocket => websocket::open(request, payload, endpoint).await,
        Ask::Poll(sid) => polling::poll(request, sid, endpoint).await,
        Ask::Post(sid) => polling::post(request, payload, sid, endpoint).await,
        Ask::Upgrade(session) => websocket::upgrade(request, payload, &session, endpoint),
        Ask::Forward(sid) => forward::forward(request, payload, sid, endpoint, forwarder).await,
        Ask::Tunnel(sid) => websocket::tunnel(request, payload, &sid, endpoint).await,
    }
}
