//! Long-polling requests of a session that exists. A request that its client gives up is dropped here,
//! and with it the end of a channel whose other end the session watches. What leads to that channel
//! runs in a task of its own: a client may give up before its request has reached the session, which
//! has to hear of it all the same.

use std::sync::Arc;

use actix::dev::ToEnvelope;
use actix::prelude::*;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use super::answer::{self, Fault};
use super::verify::find;
use crate::engineio::mount::Endpoint;
use crate::engineio::packet::Payload;
use crate::engineio::session::{Poll, Post, Refusal, Session, Upload, Uploading};
use crate::engineio::sid::Sid;

/// What a session that no longer exists would say.
const GONE: Refusal = Refusal::Unknown;

/// A GET: waits for data.
pub(super) async fn poll(
    request: &HttpRequest,
    sid: Sid,
    endpoint: &Arc<Endpoint>,
) -> HttpResponse {
    let answer = match begin(endpoint, sid, Poll).await {
        Ok(answer) => answer.await.unwrap_or(Err(GONE)),
        Err(refusal) => Err(refusal),
    };
    answer.map_or_else(|refusal| refused(request, refusal), answer::payload)
}

/// A POST: hands its packets over and waits until they are handled.
pub(super) async fn post(
    request: &HttpRequest,
    payload: web::Payload,
    sid: Sid,
    endpoint: &Arc<Endpoint>,
) -> HttpResponse {
    let binary = request.headers().get(CONTENT_TYPE);
    let binary = binary.is_some_and(|kind| kind.as_bytes() == b"application/octet-stream");
    let Uploading { body, answer } = match begin(endpoint, sid, Post { binary }).await {
        Ok(uploading) => uploading,
        Err(refusal) => return refused(request, refusal),
    };
    // Returning without a word drops `body`, which the session understands.
    let upload = match self::body(request, payload, endpoint.config.max_payload).await {
        Some(Body::Whole(bytes)) => Payload::new(bytes).map_or(Upload::Bad, Upload::Packets),
        Some(Body::TooLarge) => Upload::TooLarge,
        None => return refused(request, Refusal::Bad),
    };
    let too_large = matches!(upload, Upload::TooLarge);
    // One that wants no body any more has said why.
    let taken = body.send(upload).is_ok();
    if too_large && taken {
        return answer::too_large();
    }
    match answer.await.unwrap_or(Err(GONE)) {
        Ok(()) => answer::taken(),
        Err(refusal) => refused(request, refusal),
    }
}

/// Tells the session that a request has come, even if nobody waits for its answer any more.
async fn begin<M, T>(endpoint: &Arc<Endpoint>, sid: Sid, message: M) -> Result<T, Refusal>
where
    M: Message<Result = Result<T, Refusal>> + Send + 'static,
    T: Send + 'static,
    Session: Handler<M>,
    Context<Session>: ToEnvelope<Session, M>,
{
    let endpoint = endpoint.clone();
    let begun = actix::spawn(async move {
        let session = find(&endpoint, sid).await.map_err(|_| GONE)?;
        session.send(message).await.unwrap_or(Err(GONE))
    });
    begun.await.unwrap_or(Err(GONE))
}

/// What a POST brought.
pub(super) enum Body {
    Whole(Bytes),
    /// More than was allowed; the rest is not read.
    TooLarge,
}

/// The body of a POST, `most` bytes at most; `None` when the client broke it off.
pub(super) async fn body(
    request: &HttpRequest,
    mut payload: web::Payload,
    most: usize,
) -> Option<Body> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Some(Body::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(bytes) = payload.next().await {
        let bytes = bytes.ok()?;
        if body.len() + bytes.len() > most {
            return Some(Body::TooLarge);
        }
        body.extend_from_slice(&bytes);
    }
    Some(Body::Whole(body.freeze()))
}

fn refused(request: &HttpRequest, refusal: Refusal) -> HttpResponse {
    let fault = match refusal {
        Refusal::Unknown => Fault::UnknownSid,
        Refusal::Bad => Fault::BadRequest,
    };
    answer::fault(request, fault)
}
