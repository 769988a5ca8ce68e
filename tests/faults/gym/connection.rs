//! One connection to one replica, native or Socket.IO, for a client that expects anything: nothing here
//! waits for ever, and nothing panics because a service is gone.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::Door;
use super::line::{Line, Transport};
use crate::support::{Framing, Person};

/// How long a client lets a replica take no bytes.
const SEND: Duration = Duration::from_secs(2);

/// An open connection that has been welcomed.
pub struct Connection {
    line: Line,
    framing: Framing,
    pub session: String,
    /// The door's name, or what the replica behind a balancer calls itself.
    pub node: String,
}

/// What ended a connection: a close code, or nothing.
pub type End = Option<u16>;

impl Connection {
    /// Connects and is welcomed; nothing if that does not work out in time.
    pub async fn dial(
        door: &Door,
        person: &Person,
        transport: Transport,
        patience: Duration,
    ) -> Option<Self> {
        timeout(patience, Self::try_dial(door, person, transport)).await.ok().flatten()
    }

    async fn try_dial(door: &Door, person: &Person, transport: Transport) -> Option<Self> {
        let mut line = Line::open(door, person, transport).await?;
        let framing = transport.framing();
        if framing == Framing::SocketIo {
            line.next().await.ok()?.to_text().ok()?.strip_prefix('0')?;
            let connect = format!("40{}", json!({"token": person.token()}));
            line.send(Message::text(connect)).await.then_some(())?;
            line.next().await.ok()?.to_text().ok()?.strip_prefix("40")?;
        }
        let (session, node) = (String::new(), door.node.clone());
        let mut connection = Self { line, framing, session, node };
        let welcome = connection.next().await.ok()?;
        connection.session = welcome["sessionId"].as_str()?.to_owned();
        if connection.node.is_empty() {
            connection.node = welcome["node"].as_str()?.to_owned();
        }
        Some(connection)
    }

    /// Sends one message.
    pub async fn send(&mut self, message: &Value) -> Result<(), End> {
        match timeout(SEND, self.line.send(self.framing.encode(message))).await {
            Ok(true) => Ok(()),
            // The service may have closed, and said why.
            Ok(false) => Err(self.last_word().await),
            Err(_) => Err(None),
        }
    }

    /// The next message.
    pub async fn next(&mut self) -> Result<Value, End> {
        loop {
            let frame = self.line.next().await?;
            let is_ping = frame == Message::text("2");
            if self.framing == Framing::SocketIo && is_ping {
                // A service that does not take it will say so by its end.
                let _ = timeout(SEND, self.line.send(Message::text("3"))).await;
            } else if self.framing.is_message(&frame) {
                return Ok(self.framing.decode(&frame));
            }
        }
    }

    /// Leaves as a browser does whose page is closed.
    pub async fn close(mut self) {
        let _ = timeout(SEND, self.line.close()).await;
    }

    async fn last_word(&mut self) -> End {
        loop {
            if let Err(end) = timeout(SEND, self.next()).await.ok()? {
                return end;
            }
        }
    }
}
