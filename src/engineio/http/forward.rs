//! Long-polling requests of a session that another replica keeps: asked there, answered here. What is
//! passed on is marked, and what is marked is never passed on again, so that replicas that disagree
//! send no request in circles. A request that can't be passed on is answered as if its session did
//! not exist: the client begins another.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use awc::{Client, ClientRequest, ClientResponse, Connector};
use bytes::Bytes;
use futures_channel::oneshot;
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::answer::{self, Fault};
use super::polling::{Body, body};
use crate::engineio::config::Config;
use crate::engineio::mount::Endpoint;
use crate::engineio::neighbours::Address;
use crate::engineio::sid::Sid;

/// Says that another replica has passed a request on.
pub(super) const FORWARDED: HeaderName = HeaderName::from_static("x-engineio-forwarded");
/// For a connection to another replica of the same network: one that takes longer is gone.
pub(super) const CONNECT: Duration = Duration::from_secs(1);
/// What an answer may take beyond the heartbeat, at whose end the owner answers by itself.
const SLACK: Duration = Duration::from_secs(10);
/// How long a request goes on whose client has given it up: its owner has to hear of it, to see that
/// it was given up.
const YOUNG: Duration = Duration::from_millis(250);
/// A connection that was idle for longer is not used again. Less than any server's own patience
/// (5 s by default), whose end could cross the next request.
const IDLE: Duration = Duration::from_secs(3);

/// Room for one request that is passed on.
pub(super) type Pass = OwnedSemaphorePermit;

/// An owner's answer, and the room it takes until it is read.
type Answer = (ClientResponse, Pass);

/// The way to the other replicas; one for each of the server's threads.
#[derive(Clone)]
pub(super) struct Forwarder(Client);

impl Forwarder {
    /// Its requests take as long as a poll may. Their number is bounded by the endpoint and not by
    /// connections.
    pub(super) fn new(config: &Config) -> Self {
        let connector = Connector::new().timeout(CONNECT).limit(0).conn_keep_alive(IDLE);
        let client = Client::builder()
            .connector(connector)
            .timeout(config.silence() + SLACK)
            .disable_redirects();
        Self(client.finish())
    }

    fn request(&self, request: &HttpRequest, address: &Address) -> ClientRequest {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let out = self.0.request(request.method().clone(), address.url(target));
        let out = out.insert_header((FORWARDED, HeaderValue::from_static("1")));
        match request.headers().get(CONTENT_TYPE) {
            Some(kind) => out.insert_header((CONTENT_TYPE, kind.clone())),
            None => out,
        }
    }
}

/// Whether a request with this id is another replica's to answer.
pub(super) fn is_elsewhere(request: &HttpRequest, sid: &Sid, config: &Config) -> bool {
    config.neighbours.is_some()
        && sid.owner().is_some_and(|owner| owner != config.node)
        && !request.headers().contains_key(FORWARDED)
}

/// Where the owner of a session is.
pub(super) async fn locate(sid: &Sid, endpoint: &Endpoint) -> Option<Address> {
    endpoint.config.neighbours.as_ref()?.locate(sid.owner()?).await
}

/// A GET or POST.
pub(super) async fn forward(
    request: &HttpRequest,
    payload: web::Payload,
    sid: Sid,
    endpoint: &Arc<Endpoint>,
    forwarder: &Forwarder,
) -> HttpResponse {
    let Ok(pass) = endpoint.passes.clone().try_acquire_owned() else {
        return answer::fault(request, Fault::TooManyForwarded);
    };
    let body = if request.method() == Method::POST {
        match body(request, payload, endpoint.config.max_payload).await {
            Some(Body::Whole(body)) => body,
            Some(Body::TooLarge) => return answer::too_large(),
            None => return answer::fault(request, Fault::BadRequest),
        }
    } else {
        Bytes::new()
    };
    let answer = ask(request.clone(), body, sid, endpoint.clone(), forwarder.clone(), pass);
    match answer.await {
        Some((answer, pass)) => pass_on(answer.timeout(endpoint.config.silence()), pass),
        None => answer::fault(request, Fault::UnknownSid),
    }
}

/// The owner's answer, if there is one. Runs in a task of its own: a client that gives up drops this
/// and not a request that is only just on its way.
async fn ask(
    request: HttpRequest,
    body: Bytes,
    sid: Sid,
    endpoint: Arc<Endpoint>,
    forwarder: Forwarder,
    pass: Pass,
) -> Option<Answer> {
    let (mut reply, answer) = oneshot::channel();
    actix::spawn(async move {
        let Some(address) = locate(&sid, &endpoint).await else { return };
        let sending = forwarder.request(&request, &address).send_body(body);
        let young = sleep(YOUNG);
        let given_up = async {
            reply.cancellation().await;
            young.await;
        };
        let answered = tokio::select! {
            answered = sending => answered,
            () = given_up => return,
        };
        match answered {
            Ok(answer) => drop(reply.send((answer, pass))),
            Err(error) => tracing::debug!(?sid, %error, "the session's owner does not answer"),
        }
    });
    answer.await.ok()
}

/// The owner's status, type and data, with this replica's headers. The data goes through as it comes:
/// however large, none of it is gathered here. Whoever takes longer to read it than a session may be
/// silent has no session to go on with.
fn pass_on(answer: ClientResponse, pass: Pass) -> HttpResponse {
    let mut response = answer::uncached(answer.status());
    if let Some(kind) = answer.headers().get(CONTENT_TYPE) {
        response.insert_header((CONTENT_TYPE, kind.clone()));
    }
    let length = answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse().ok());
    let data = answer.map(move |piece| {
        let _until_it_is_read = &pass;
        piece
    });
    match length {
        Some(length) => response.body(SizedStream::new(length, data)),
        None => response.streaming(data),
    }
}
