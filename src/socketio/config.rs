//! What one mounted Socket.IO endpoint is told, beside the Engine.IO below it.

use std::time::Duration;

/// Settings of one endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// How long a client may be in no namespace at first.
    pub connect_timeout: Duration,
    /// How large a packet may be.
    pub limits: Limits,
    /// Acknowledgements that may be awaited from one client and namespace at a time; more fail.
    pub most_asked: usize,
}

/// What is a packet at most; one that is more closes its client.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Attachments of one packet.
    pub attachments: usize,
    /// Bytes of one packet with its attachments.
    pub bytes: usize,
    /// Arrays and objects inside one another. Below what `serde_json` follows, so that a handler can
    /// read whatever it is given.
    pub depth: usize,
}

impl Default for Config {
    fn default() -> Self {
        let limits = Limits::default();
        Self { connect_timeout: Duration::from_secs(45), limits, most_asked: 100 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { attachments: 10, bytes: 1_000_000, depth: 100 }
    }
}
