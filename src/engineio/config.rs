//! What one mounted Engine.IO endpoint is told.

use std::sync::Arc;
use std::time::Duration;

use super::neighbours::Neighbours;

/// Settings of one endpoint.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it is, with the slash at its end: `/socket.io/`.
    pub path: String,
    /// Name of this replica, put in front of session ids so that another replica knows whom to ask:
    /// letters, digits and hyphens. Empty for none.
    pub node: String,
    /// From the handshake, or the last pong, to the next ping.
    pub ping_interval: Duration,
    /// From a ping to the end of a session that does not answer it.
    pub ping_timeout: Duration,
    /// How long a WebSocket may take to become the transport of a session that polls.
    pub upgrade_timeout: Duration,
    /// How long a session that is being closed waits for its client to take the rest.
    pub close_grace: Duration,
    /// Bytes of the largest POST and of the largest WebSocket message; answered 413 and 1009.
    pub max_payload: usize,
    /// How far a client may be behind.
    pub budget: Budget,
    /// Sessions at a time; more are answered 503.
    pub max_sessions: usize,
    /// Origins of pages on other hosts that may call, lower case; `*` lets all of them.
    pub allowed_origins: Vec<String>,
    /// Who knows the other replicas. None: a request of a session that another one keeps is answered
    /// as if there were no such session.
    pub neighbours: Option<Arc<dyn Neighbours>>,
    /// Requests and WebSockets at a time that are passed on to other replicas; more are answered 503.
    /// Each takes a descriptor more than one that is answered here.
    pub max_forwarded: usize,
}

impl Config {
    /// How long a session lives at most without a word from its client.
    pub(super) fn silence(&self) -> Duration {
        self.ping_interval + self.ping_timeout
    }
}

/// The bounds of one session's outgoing queue. Full means that the session's owner is told that its
/// client is too slow, and that nothing more is taken.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Packets.
    pub packets: usize,
    /// Bytes as on a WebSocket. A batch larger than half of it counts as half: one large message
    /// fits, with room for what happens while it is being read.
    pub bytes: usize,
}

impl Default for Config {
    /// The official server's values, at `/engine.io/`.
    fn default() -> Self {
        Self {
            path: "/engine.io/".to_owned(),
            node: String::new(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            close_grace: Duration::from_secs(30),
            max_payload: 1_000_000,
            budget: Budget { packets: 1_024, bytes: 1024 * 1024 },
            max_sessions: 10_000,
            allowed_origins: Vec::new(),
            neighbours: None,
            max_forwarded: 5_000,
        }
    }
}
