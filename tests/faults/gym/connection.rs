//! One WebSocket to one replica, native or Socket.IO, for a client that expects anything: nothing here
//! waits for ever, and nothing panics because a service is gone.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::Door;
use crate::support::{Framing, Person};

/// How long a client tries one replica before it tries another.
const DIAL: Duration = Duration::from_secs(2);
/// How long a client lets a replica take no bytes.
const SEND: Duration = Duration::from_secs(2);

/// An open connection that has been welcomed.
pub struct Connection {
    socket: WebSocketStream<TcpStream>,
    framing: Framing,
    pub session: String,
    pub node: String,
}

/// What ended a connection: a close code, or nothing.
pub type End = Option<u16>;

impl Connection {
    /// Connects and is welcomed; nothing if that does not work out soon.
    pub async fn dial(door: &Door, person: &Person, framing: Framing) -> Option<Self> {
        timeout(DIAL, Self::try_dial(door, person, framing)).await.ok().flatten()
    }

    async fn try_dial(door: &Door, person: &Person, framing: Framing) -> Option<Self> {
        let mut socket = match framing {
            Framing::SocketIo => open(door, "/socket.io/?EIO=4&transport=websocket", None).await?,
            _ => open(door, "/api/collaboration/ws", Some(person)).await?,
        };
        if framing == Framing::SocketIo {
            socket.next().await?.ok()?.to_text().ok()?.strip_prefix('0')?;
            let connect = format!("40{}", json!({"token": person.token()}));
            socket.send(Message::text(connect)).await.ok()?;
            socket.next().await?.ok()?.to_text().ok()?.strip_prefix("40")?;
        }
        let (session, node) = (String::new(), door.node.clone());
        let mut connection = Self { socket, framing, session, node };
        let welcome = connection.next().await.ok()?;
        connection.session = welcome["sessionId"].as_str()?.to_owned();
        Some(connection)
    }

    /// Sends one message.
    pub async fn send(&mut self, message: &Value) -> Result<(), End> {
        match timeout(SEND, self.socket.send(self.framing.encode(message))).await {
            Ok(Ok(())) => Ok(()),
            // The service may have closed, and said why.
            Ok(Err(_)) => Err(self.last_word().await),
            Err(_) => Err(None),
        }
    }

    /// The next message.
    pub async fn next(&mut self) -> Result<Value, End> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|f| f.code.into())),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(ping)))
                    if self.framing == Framing::SocketIo && ping == "2" =>
                {
                    // A service that does not take it will say so by its end.
                    let _ = timeout(SEND, self.socket.send(Message::text("3"))).await;
                }
                Some(Ok(message)) if self.framing.is_message(&message) => {
                    return Ok(self.framing.decode(&message));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Leaves as a browser does whose page is closed.
    pub async fn close(mut self) {
        // Whether the other side still listens is its own matter.
        let _ = timeout(SEND, self.socket.close(None)).await;
    }

    async fn last_word(&mut self) -> End {
        loop {
            if let Err(end) = timeout(SEND, self.next()).await.ok()? {
                return end;
            }
        }
    }
}

async fn open(
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
