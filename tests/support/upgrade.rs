//! The HTTP request that becomes a WebSocket: what a client offers, and what the service makes of it.

use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

/// How to open a connection.
#[derive(Clone, Debug)]
pub struct Open {
    pub token: Option<String>,
    pub offers: Vec<&'static str>,
    pub path: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Size of the receive buffer in bytes, for clients that are going to be slow.
    pub receive_buffer: Option<u32>,
}

impl Default for Open {
    fn default() -> Self {
        let path = "/api/collaboration/ws".to_owned();
        let (offers, headers) = (Vec::new(), Vec::new());
        Self { token: None, offers, path, headers, receive_buffer: None }
    }
}

/// The upgrade was refused.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    pub body: String,
}

/// An open connection and the subprotocol that the service chose for it.
pub(super) struct Upgraded {
    pub socket: WebSocketStream<TcpStream>,
    pub subprotocol: Option<String>,
}

/// Connects and asks for the upgrade.
pub(super) async fn upgrade(address: &str, open: Open) -> Result<Upgraded, Refused> {
    let mut request = format!("ws://{address}{}", open.path)
        .into_client_request()
        .expect("the address is a valid one");
    if let Some(token) = &open.token {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).expect("plain text");
        request.headers_mut().insert("authorization", value);
    }
    if !open.offers.is_empty() {
        let value = HeaderValue::from_str(&open.offers.join(", ")).expect("plain text");
        request.headers_mut().insert("sec-websocket-protocol", value);
    }
    for (name, value) in &open.headers {
        let value = HeaderValue::from_str(value).expect("plain text");
        request.headers_mut().insert(*name, value);
    }
    let socket = TcpSocket::new_v4().expect("a socket");
    if let Some(bytes) = open.receive_buffer {
        socket.set_recv_buffer_size(bytes).expect("a size the system accepts");
    }
    let stream = socket.connect(address.parse().expect("host:port")).await;
    let stream = stream.expect("the service listens");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((socket, response)) => {
            let chosen = response.headers().get("sec-websocket-protocol");
            let subprotocol = chosen.and_then(|value| value.to_str().ok()).map(str::to_owned);
            Ok(Upgraded { socket, subprotocol })
        }
        Err(Error::Http(response)) => Err(Refused {
            status: response.status().as_u16(),
            body: String::from_utf8_lossy(response.body().as_deref().unwrap_or_default()).into(),
        }),
        Err(error) => panic!("the upgrade failed: {error}"),
    }
}
