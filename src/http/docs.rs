//! The contract for programs: OpenAPI of the REST routes, made from the handlers' annotations, and
//! AsyncAPI of the messages, made by `protocol`.

use actix_web::HttpResponse;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    calendar, demo, feed, import, links, log, members, operator, ops, participants, probes, rooms,
};
use crate::protocol::asyncapi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Kyo collaboration", description = "Realtime collaboration on gym timetables.",
        license(name = "MIT OR Apache-2.0")),
    paths(
        rooms::list, rooms::create, rooms::read, rooms::update, rooms::archive,
        members::list, members::put, members::remove,
        participants::list, log::snapshot, log::events, ops::submit, calendar::export,
        import::preview, links::make, links::end, feed::follow,
        operator::overview::overview, operator::rooms::list, operator::rooms::read,
        operator::sessions::list, operator::disconnect::disconnect, operator::follow::follow,
        operator::process::filter, operator::process::set_filter, operator::process::drain,
        operator::audit::list,
        demo::people, openapi, asyncapi_json,
        probes::live, probes::ready, probes::health, probes::dependencies, probes::metrics,
    ),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
struct Document;

/// Every REST route wants the token that the socket wants.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    }
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// This document.
#[utoipa::path(get, path = "/api/collaboration/v1/openapi.json", tag = "contract", security(()),
    responses((status = 200, body = Object)))]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(document())
}

/// The messages of the socket, as AsyncAPI.
#[utoipa::path(get, path = "/api/collaboration/v1/asyncapi.json", tag = "contract", security(()),
    responses((status = 200, body = Object)))]
pub async fn asyncapi_json() -> HttpResponse {
    HttpResponse::Ok().json(asyncapi::asyncapi_json())
}
