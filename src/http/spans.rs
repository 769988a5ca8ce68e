//! The trace that a request is part of: read from its headers, with one span for the request where it
//! is sampled, and kept for whoever serves it. A socket's span is its handshake, never its life; polls,
//! probes, files and whoever waits for the next event have none.

use std::borrow::Cow;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest};

use super::{PREFIX, State, socketio, ws};
use crate::telemetry::trace::{Carried, Parent, Span};

/// What a request is part of.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// Its span, where it is recorded.
    pub parent: Option<Parent>,
    /// The id that a load balancer has it under.
    pub root: Option<String>,
}

impl Traced {
    /// That of a request which came through [`traced`].
    pub fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Handshake,
    Request,
}

/// The middleware, outside of all others. It leaves bodies as they are.
///
/// # Errors
/// Those of what is inside.
pub async fn traced<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let tracer = request.app_data::<Data<State>>().map(|state| &state.tracer);
    let Some((tracer, kind)) = tracer.filter(|tracer| tracer.is_on()).zip(kind(&request)) else {
        return next.call(request).await;
    };
    let carried = carried(request.headers());
    let root = carried.root().map(str::to_owned);
    let mut span = tracer.serve("handshake", &carried);
    let traced = Traced { parent: span.parent(), root };
    span.note("http.request.method", || request.method().to_string());
    span.note("url.path", || request.path().to_owned());
    request.extensions_mut().insert(traced.clone());
    let answer = next.call(request).await;
    if let Ok(answer) = &answer {
        describe(&mut span, kind, answer);
        if kind == Kind::Handshake {
            log(&traced, answer);
        }
    }
    answer
}

fn kind(request: &ServiceRequest) -> Option<Kind> {
    if request.method() == Method::OPTIONS {
        return None;
    }
    match request.path() {
        ws::PATH => Some(Kind::Handshake),
        // With an id it is a poll, a POST or the upgrade of a session that began before.
        socketio::PATH if request.query_string().split('&').any(|p| p.starts_with("sid=")) => None,
        socketio::PATH => Some(Kind::Handshake),
        path => match path.strip_prefix(PREFIX)? {
            "/feed" | "/operator/follow" => None,
            _ => Some(Kind::Request),
        },
    }
}

fn carried(headers: &HeaderMap) -> Carried<'_> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    Carried {
        traceparent: text("traceparent"),
        tracestate: text("tracestate"),
        xray: text("x-amzn-trace-id"),
    }
}

fn describe<B>(span: &mut Span, kind: Kind, answer: &ServiceResponse<B>) {
    let status = answer.status();
    span.note("http.response.status_code", || i64::from(status.as_u16()));
    if kind == Kind::Request {
        span.rename(|| request_name(answer.request()).into());
    }
    if status.is_server_error() {
        span.fail(|| Cow::Borrowed(status.canonical_reason().unwrap_or("server error")));
    }
}

/// Method and route: what is in the place of ids.
fn request_name(request: &HttpRequest) -> String {
    let route = request.match_pattern();
    format!("{} {}", request.method(), route.as_deref().unwrap_or("nowhere"))
}

/// The line that other requests have from the span around them.
fn log<B>(traced: &Traced, answer: &ServiceResponse<B>) {
    tracing::info!(
        http.path = answer.request().path(),
        http.status_code = answer.status().as_u16(),
        trace_id = traced.parent.map(|parent| display(parent.trace_id())),
        xray_trace_id = traced.parent.map(|parent| display(parent.xray_id())),
        xray_root = traced.root,
        "handshake answered"
    );
}
