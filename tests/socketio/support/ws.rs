//! A client on a WebSocket, one frame at a time.

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Server, within};

pub struct Ws {
    socket: WebSocketStream<TcpStream>,
}

impl Ws {
    /// Upgrades at `target`, with the origin of a page if any; else the status and what it said.
    pub async fn try_at(
        server: &Server,
        target: &str,
        origin: Option<&str>,
    ) -> Result<Self, (u16, String)> {
        let mut request = format!("ws://{}{target}", server.address())
            .into_client_request()
            .expect("a valid address");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a header value"));
        }
        let stream = TcpSocket::new_v4().expect("a socket");
        // Small, so that a test can fill what is between the two sides.
        stream.set_recv_buffer_size(4_096).expect("a size the system accepts");
        let stream = stream.connect(server.address().parse().expect("host:port")).await;
        match tokio_tungstenite::client_async(request, stream.expect("a server")).await {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8_lossy(&body).into()))
            }
            Err(error) => panic!("the upgrade failed: {error}"),
        }
    }

    pub async fn at(server: &Server, target: &str) -> Self {
        Self::try_at(server, target, None).await.expect("an upgrade")
    }

    /// Opens a session at `path`; with its open packet.
    pub async fn open(server: &Server, path: &str) -> (Self, Value) {
        let mut ws = Self::at(server, &format!("{path}?EIO=4&transport=websocket")).await;
        let open = ws.text().await;
        let open = open.strip_prefix('0').expect("an open packet");
        (ws, serde_json::from_str(open).expect("JSON"))
    }

    pub async fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("an open socket");
    }

    pub async fn send_binary(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).await.expect("an open socket");
    }

    /// Any frame, for those that a client should not send.
    pub async fn send_frame(&mut self, message: Message) {
        self.socket.send(message).await.expect("an open socket");
    }

    async fn next(&mut self) -> Option<Message> {
        match within("a frame", self.socket.next()).await {
            Some(Ok(message)) => Some(message),
            None
            | Some(Err(
                Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) | Error::Io(_),
            )) => None,
            Some(Err(error)) => panic!("{error}"),
        }
    }

    /// Waits until something has come, and does not read it.
    pub async fn hears(&self) {
        let stream = self.socket.get_ref();
        let heard = within("a byte", stream.peek(&mut [0])).await.expect("an open socket");
        assert_eq!(heard, 1, "the connection has ended");
    }

    pub async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("a text was expected, not {other:?}"),
        }
    }

    /// The next text; `None` when the socket is closed instead.
    pub async fn try_text(&mut self) -> Option<String> {
        match self.next().await {
            Some(Message::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Message::Binary(bytes)) => bytes.to_vec(),
            other => panic!("bytes were expected, not {other:?}"),
        }
    }

    /// The server's close and nothing before it; with its status, if any.
    pub async fn closed(&mut self) -> Option<u16> {
        match self.next().await {
            Some(Message::Close(frame)) => frame.map(|CloseFrame { code, .. }| code.into()),
            None => None,
            other => panic!("a close was expected, not {other:?}"),
        }
    }

    /// The server's close, whatever comes before it; with what came.
    pub async fn until_closed(&mut self) -> (Vec<String>, Option<u16>) {
        let mut texts = Vec::new();
        loop {
            match self.next().await {
                Some(Message::Text(text)) => texts.push(text.to_string()),
                Some(Message::Close(frame)) => {
                    return (texts, frame.map(|frame| frame.code.into()));
                }
                None => return (texts, None),
                Some(_) => {}
            }
        }
    }
}
