//! Pages on other hosts: which may read the answers (CORS), and which may open a WebSocket, that
//! browsers let any page do.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

/// Seconds that a browser need not ask again.
const MAX_AGE: &str = "600";

/// The answer to a preflight.
pub(super) fn preflight(request: &HttpRequest, allowed: &[String]) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    if allowed_origin(request, allowed).is_some() {
        response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET,POST"));
        response.insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE));
        if let Some(headers) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, headers.clone()));
        }
    }
    response.insert_header((VARY, "Access-Control-Request-Headers"));
    let mut response = response.finish();
    mark(request, &mut response, allowed);
    response
}

/// Says on any answer who may read it. One origin and never `*`: cookies of a balancer go along.
pub(super) fn mark(request: &HttpRequest, response: &mut HttpResponse, allowed: &[String]) {
    let origin = allowed_origin(request, allowed).cloned();
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Whether the page that asks for a WebSocket, if it is one, is ours or on the list (RFC 6455,
/// section 10.2).
pub(super) fn may_connect(request: &HttpRequest, allowed: &[String]) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else { return true };
    let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
    let host = request.connection_info().host().to_ascii_lowercase();
    let own = origin.split_once("://").is_some_and(|(_, from)| from == host);
    own || is_listed(&origin, allowed)
}

fn allowed_origin<'a>(request: &'a HttpRequest, allowed: &[String]) -> Option<&'a HeaderValue> {
    let origin = request.headers().get(ORIGIN)?;
    is_listed(&origin.to_str().ok()?.to_ascii_lowercase(), allowed).then_some(origin)
}

fn is_listed(origin: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|allowed| allowed == "*" || allowed == origin)
}
