//! What one mounted Engine.IO endpoint is told.

use std::time::Duration;

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
        }
    }
}
