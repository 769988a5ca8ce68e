//! What happens to every answer on its way out: errors get their body, the request's id is put on
//! it, and it is counted by class of route and status.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use tracing_actix_web::RequestId;
use uuid::Uuid;

use super::{ApiError, PREFIX, State, ws};
use crate::telemetry::metrics::{Route, Status};

/// Carries the id that is in errors and logs.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
///
/// # Errors
/// Those of other middlewares; handlers' errors have become answers.
pub async fn finish<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::now_v7, |id| **id);
    let state = request.app_data::<Data<State>>().cloned();
    let begun = state.as_ref().map(|state| state.clock.monotonic());
    let mut response = with_error_body(next.call(request).await?, id);
    let value = HeaderValue::from_str(&id.to_string()).expect("a UUID is ASCII");
    response.headers_mut().insert(REQUEST_ID, value);
    if let (Some(state), Some(begun)) = (state, begun) {
        let route = class(response.request().match_pattern().as_deref().unwrap_or_default());
        let status = Status::of(response.status().as_u16());
        state.metrics.http_requests_total.of(route, status).inc();
        // A socket is answered at once and a follower waits on purpose: neither says how fast this is.
        if !matches!(route, Route::WebSocket | Route::Feed) {
            state.metrics.http_request_seconds.observe(state.clock.monotonic() - begun);
        }
    }
    Ok(response)
}

/// Headers that were set on the way (CORS) stay.
fn with_error_body<B>(response: ServiceResponse<B>, id: Uuid) -> ServiceResponse<EitherBody<B>> {
    let Some(answer) = response.response().error().map(|error| error_answer(error, id)) else {
        return response.map_into_left_body();
    };
    let (request, old) = response.into_parts();
    let mut answer = answer;
    for (name, value) in old.headers() {
        if !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, answer).map_into_right_body()
}

fn error_answer(error: &Error, id: Uuid) -> HttpResponse {
    match error.as_error::<ApiError>() {
        Some(error) => error.answer(id),
        None if error.as_response_error().status_code().is_client_error() => {
            ApiError::invalid("", &error.to_string()).answer(id)
        }
        None => ApiError::Internal(error.to_string()).answer(id),
    }
}

/// The class of a route, from its pattern.
fn class(pattern: &str) -> Route {
    let Some(path) = pattern.strip_prefix(PREFIX) else {
        return match pattern {
            ws::PATH => Route::WebSocket,
            "/live" | "/ready" | "/health" | "/health/deps" => Route::Probe,
            "/metrics" => Route::Metrics,
            "/" | "/board/{path:.*}" | "/console" | "/console/{path:.*}" => Route::Board,
            _ => Route::Other,
        };
    };
    match path {
        "/rooms" | "/rooms/{room}" => Route::Rooms,
        "/rooms/{room}/members" | "/rooms/{room}/members/{userId}" => Route::Members,
        "/rooms/{room}/snapshot" => Route::Snapshot,
        "/rooms/{room}/events" => Route::Events,
        "/rooms/{room}/ops" | "/rooms/{room}/import" => Route::Ops,
        "/rooms/{room}/participants" => Route::Participants,
        "/rooms/{room}/calendar.ics" | "/rooms/{room}/calendar-link" => Route::Calendar,
        "/feed" => Route::Feed,
        _ if path.starts_with("/operator/") => Route::Operator,
        "/openapi.json" | "/asyncapi.json" => Route::Contract,
        _ => Route::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{API, OPERATOR, PROBES, ROOM};
    use super::*;

    #[test]
    fn every_route_has_a_class() {
        let all = [API, ROOM, OPERATOR, PROBES].concat();
        for (_, path) in all.into_iter().filter(|(_, path)| !path.ends_with("/demo/people")) {
            assert_ne!(class(path), Route::Other, "{path}");
        }
        assert_eq!(class("/.env"), Route::Other);
    }
}
