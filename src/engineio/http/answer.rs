//! What a request is answered when it is not a message stream's: the official server's codes and
//! words. A refused WebSocket gets the words alone.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONNECTION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::verify::is_upgrade;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    UnknownTransport,
    UnknownSid,
    BadMethod,
    BadRequest,
    ForeignOrigin,
    UnsupportedProtocol,
    /// Not the official server's: it has no bound.
    TooManySessions,
    /// Nor this: its replicas pass nothing on.
    TooManyForwarded,
}

impl Fault {
    /// The number clients know.
    fn code(self) -> u8 {
        match self {
            Self::UnknownTransport => 0,
            Self::UnknownSid => 1,
            Self::BadMethod => 2,
            Self::BadRequest => 3,
            Self::ForeignOrigin | Self::TooManySessions | Self::TooManyForwarded => 4,
            Self::UnsupportedProtocol => 5,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::UnknownTransport => "Transport unknown",
            Self::UnknownSid => "Session ID unknown",
            Self::BadMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::ForeignOrigin => "Forbidden",
            Self::TooManySessions => "Too many sessions",
            Self::TooManyForwarded => "Too many forwarded requests",
            Self::UnsupportedProtocol => "Unsupported protocol version",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::TooManySessions | Self::TooManyForwarded => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A refusal.
pub(super) fn fault(request: &HttpRequest, fault: Fault) -> HttpResponse {
    let mut response = uncached(fault.status());
    if is_upgrade(request) {
        return response.content_type("text/html").body(fault.words());
    }
    response.json(serde_json::json!({ "code": fault.code(), "message": fault.words() }))
}

/// A poll's data.
pub(super) fn payload(payload: Vec<u8>) -> HttpResponse {
    uncached(StatusCode::OK).content_type("text/plain; charset=UTF-8").body(payload)
}

/// A POST was taken. The official server says that it is HTML, lest old browsers offer to save it.
pub(super) fn taken() -> HttpResponse {
    uncached(StatusCode::OK).content_type("text/html").body("ok")
}

/// A POST was too large. The rest of it will not be read, so the connection can't go on.
pub(super) fn too_large() -> HttpResponse {
    uncached(StatusCode::PAYLOAD_TOO_LARGE).insert_header((CONNECTION, "close")).finish()
}

/// The beginning of any answer: none may be kept and given again.
pub(super) fn uncached(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    response
}
