//! Connections that ask for an upgrade. The same routes answer them as anybody; one that is switched to another
//! protocol leaves the server's dispatcher ([`Connection`]), any other is closed after its answer.

use std::cell::RefCell;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use actix_codec::{Encoder, Framed};
use actix_http::body::{BodySize, BoxBody, MessageBody};
use actix_http::h1::{Codec, Message};
use actix_http::header::CONTENT_LENGTH;
use actix_http::{
    BoxedPayloadStream, ConnectionType, Extensions, HttpMessage, Method, Request, Response,
    StatusCode,
};
use actix_web::dev::{Payload, Service, ServiceFactory, ServiceResponse, fn_factory, fn_service};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use tokio::net::TcpStream;

use super::conn;
use crate::actors::fanout::Fanout;
use crate::actors::outbox::{Budget, Inlet, Outbox, Pen};
use crate::protocol::Framing;
use crate::websocket::{Connection, Signal};

/// What a request hears that comes with a body.
const NO_BODY: &str = "an upgrade must be asked for with GET and without a body";

/// A connection that may be switched to another protocol, and what hands it frames of rooms.
#[derive(Clone)]
pub struct Line {
    connection: Connection,
    fanout: Rc<Fanout>,
}

impl Line {
    /// The one of a request.
    #[must_use]
    pub fn of(request: &Extensions) -> Option<Self> {
        request.get::<Self>().cloned()
    }

    /// A queue for it, whose frames its client reads in `framing`.
    #[must_use]
    pub fn outbox(self, budget: Budget, framing: Framing) -> (Outbox, Inlet) {
        let Self { connection, fanout } = self;
        Outbox::new(&fanout, budget, Some(Pen { connection, framing }))
    }
}

/// A request with the connection it came on.
type Asked = (Request, Framed<TcpStream, Codec>);

/// What answers requests for an upgrade, by the routes of `app`.
pub fn upgrades<F, B>(
    app: F,
) -> impl ServiceFactory<
    Asked,
    Config = (),
    Response = (),
    Error = Infallible,
    InitError = F::InitError,
    Future: 'static,
    Service: Service<Asked, Future: 'static>,
>
where
    F: ServiceFactory<Request, Config = (), Response = ServiceResponse<B>> + 'static,
    F::Error: Into<Response<BoxBody>>,
    B: MessageBody + 'static,
{
    let app = Rc::new(app);
    fn_factory(move || {
        let app = app.clone();
        async move {
            let app = Rc::new(app.new_service(()).await?);
            let fanout = RefCell::new(Fanout::start());
            Ok(fn_service(move |asked| {
                let (app, fanout) = (app.clone(), served(&fanout));
                async move {
                    // That clients break off is nothing to tell.
                    answer(&*app, asked, fanout).await.ok();
                    Ok(())
                }
            }))
        }
    })
}

/// The thread's fan-out, or another if a panic has ended it.
fn served(fanout: &RefCell<Rc<Fanout>>) -> Rc<Fanout> {
    if fanout.borrow().is_over() {
        fanout.replace(Fanout::start());
    }
    fanout.borrow().clone()
}

async fn answer<S, B>(app: &S, (request, framed): Asked, fanout: Rc<Fanout>) -> io::Result<()>
where
    S: Service<Request, Response = ServiceResponse<B>>,
    S::Error: Into<Response<BoxBody>>,
    B: MessageBody + 'static,
{
    let counted = conn::counted(&request);
    let signal = Signal::default();
    let parts = framed.into_parts();
    let connection = Connection::new(parts.io);
    connection.write(parts.write_buf.freeze()).await?;
    let reader = connection.reader(Bytes::copy_from_slice(&parts.read_buf));
    drop(parts.read_buf);
    let response = if has_body(&request) {
        Response::bad_request().set_body(NO_BODY).map_into_boxed_body()
    } else {
        let payload: BoxedPayloadStream = Box::pin(reader);
        let (request, _) = request.replace_payload(Payload::Stream { payload });
        request.extensions_mut().insert(signal.clone());
        request.extensions_mut().insert(Line { connection: connection.clone(), fanout });
        match app.call(request).await {
            Ok(response) => Response::from(response).map_into_boxed_body(),
            Err(error) => error.into(),
        }
    };
    let (head, frames) = respond(response, parts.codec)?;
    connection.carry(head, frames, signal).await?;
    drop(counted);
    Ok(())
}

/// Whether a body may come with it, of which nobody could say where it ends: actix-http takes all that
/// follows a request for an upgrade for the other protocol.
fn has_body(request: &Request) -> bool {
    let length = request.headers().get(CONTENT_LENGTH);
    request.method() != Method::GET || length.is_some_and(|length| length != "0")
}

/// The head of `response`, and its body as it goes on the wire.
fn respond(response: Response<BoxBody>, mut codec: Codec) -> io::Result<(Bytes, Frames)> {
    let (mut head, body) = response.into_parts();
    let switched = head.status() == StatusCode::SWITCHING_PROTOCOLS;
    if !switched {
        // The codec would announce chunks, and then send none after such a request.
        head.head_mut().no_chunking(true);
        head.head_mut().set_connection_type(ConnectionType::Close);
    }
    let size = body.size();
    let mut written = BytesMut::new();
    codec.encode(Message::Item((head, size)), &mut written)?;
    let frames: Frames = if switched {
        Box::pin(chunks(body))
    } else if matches!(size, BodySize::None | BodySize::Sized(0)) {
        Box::pin(stream::empty())
    } else {
        Box::pin(encoded(body, codec))
    };
    Ok((written.freeze(), frames))
}

type Frames = Pin<Box<dyn Stream<Item = io::Result<Bytes>>>>;

fn chunks(mut body: BoxBody) -> impl Stream<Item = io::Result<Bytes>> {
    stream::poll_fn(move |cx| {
        let broken = |error: Box<dyn Error>| io::Error::other(error.to_string());
        body.as_pin_mut().poll_next(cx).map_err(broken)
    })
}

/// The chunks of `body` as HTTP frames them, and their end.
fn encoded(body: BoxBody, mut codec: Codec) -> impl Stream<Item = io::Result<Bytes>> {
    let mut chunks = Some(Box::pin(chunks(body)));
    stream::poll_fn(move |cx| {
        let Some(open) = &mut chunks else { return Poll::Ready(None) };
        let chunk = match std::task::ready!(open.as_mut().poll_next(cx)) {
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            Some(Ok(chunk)) => Some(chunk),
            None => {
                chunks = None;
                None
            }
        };
        let mut bytes = BytesMut::new();
        let encoded = codec.encode(Message::Chunk(chunk), &mut bytes);
        Poll::Ready(Some(encoded.map(|()| bytes.freeze())))
    })
}
