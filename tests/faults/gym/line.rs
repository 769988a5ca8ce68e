//! What frames travel on: a WebSocket, native or of Engine.IO, or Engine.IO's long-polling.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::Door;
use super::connection::End;
use super::polling::Polling;
use crate::support::{Framing, Person};

/// How messages travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// On a WebSocket of our own, as JSON.
    Native,
    /// On a WebSocket of Engine.IO.
    SocketIo,
    /// In requests of Engine.IO.
    Polling,
}

impl Transport {
    /// How objects are put into frames.
    pub fn framing(self) -> Framing {
        match self {
            Self::Native => Framing::Json,
            Self::SocketIo | Self::Polling => Framing::SocketIo,
        }
    }
}

/// An open one.
pub(super) enum Line {
    Socket(Box<WebSocketStream<TcpStream>>),
    Polling(Box<Polling>),
}

impl Line {
    /// Opens one; nothing if that does not work out.
    pub(super) async fn open(door: &Door, person: &Person, transport: Transport) -> Option<Self> {
        let socket = match transport {
            Transport::Polling => {
                return Polling::open(door).await.map(Box::new).map(Self::Polling);
            }
            Transport::SocketIo => upgrade(door, "/socket.io/?EIO=4&transport=websocket", None),
            Transport::Native => upgrade(door, "/api/collaboration/ws", Some(person)),
        };
        Some(Self::Socket(Box::new(socket.await?)))
    }

    /// The next frame with content. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self) -> Result<Message, End> {
        let socket = match self {
            Self::Polling(polling) => {
                return polling.next().await.map(Message::text).ok_or(None);
            }
            Self::Socket(socket) => socket,
        };
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|f| f.code.into())),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => return Ok(message),
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Sends a frame; whether it was taken.
    pub(super) async fn send(&mut self, frame: Message) -> bool {
        match self {
            Self::Socket(socket) => socket.send(frame).await.is_ok(),
            Self::Polling(polling) => polling.send(frame.to_text().unwrap_or_default()).await,
        }
    }

    /// Says that it is over.
    pub(super) async fn close(&mut self) {
        match self {
            // Whether the other side still listens is its own matter.
            Self::Socket(socket) => drop(socket.as_mut().close(None).await),
            Self::Polling(polling) => drop(polling.send("1").await),
        }
    }
}

async fn upgrade(
    door: &Door,
    target: &str,
    person: Option<&Person>,
) -> Option<WebSocketStream<TcpStream>> {
    let address = &door.address;
    let mut request = format!("ws://{address}{target}").into_client_request().ok()?;
    if let Some(person) = person {
        let bearer = format!("Bearer {}", person.token()).parse().ok()?;
        request.headers_mut().insert("authorization", bearer);
    }
    let stream = TcpStream::connect(address).await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(tokio_tungstenite::client_async(request, stream).await.ok()?.0)
}
