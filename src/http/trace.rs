//! One line a request in the log, and what all lines about it say. The query is left out of both: it is where people put
//! tokens that they should not.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::spans::Traced;

/// The root span of HTTP requests; `tenant` and `user` are filled in by whoever proves them.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let traced = Traced::of(request);
        let id = request.extensions().get::<RequestId>().map(ToString::to_string);
        tracing::info_span!(
            "http_request",
            request_id = id,
            trace_id = traced.parent.map(|parent| display(parent.trace_id())),
            xray_trace_id = traced.parent.map(|parent| display(parent.xray_id())),
            xray_root = traced.root,
            http.method = %request.method(),
            http.path = request.path(),
            http.status_code = Empty,
            otel.kind = "server",
            otel.status_code = Empty,
            tenant = Empty,
            user = Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let (status, path) = match outcome {
            Ok(response) => (response.status(), response.request().path()),
            Err(error) => (error.as_response_error().status_code(), ""),
        };
        span.record("http.status_code", status.as_u16());
        span.record("otel.status_code", if status.is_server_error() { "ERROR" } else { "OK" });
        let _inside = span.enter();
        if quiet(path) {
            tracing::debug!("request answered");
        } else {
            tracing::info!("request answered");
        }
    }
}

/// Asked every few seconds by machines, for ever.
fn quiet(path: &str) -> bool {
    matches!(path, "/live" | "/ready" | "/health" | "/health/deps" | "/metrics")
}
