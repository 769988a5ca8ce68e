//! What the actors can be told: times, sizes and rates. Plain data with safe defaults.

use std::time::Duration;

/// Times and sizes of sessions and rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realtime {
    /// Silence after which the server pings. Default 25 s.
    pub ping_interval: Duration,
    /// Silence after a ping that ends the session with 4008. Default 20 s.
    pub ping_timeout: Duration,
    /// Time a connection has for `authenticate`. Default 10 s.
    pub auth_deadline: Duration,
    /// Least time between two presence frames of one room to one session. Default 50 ms.
    pub presence_tick: Duration,
    /// How long a cut session stays in the participant list, so that a reconnect makes no flicker.
    /// Default 5 s; the promise to others is 10 s.
    pub presence_grace: Duration,
    /// Frames one client may be behind before it is let go with 4009. Default 512.
    pub outbox_frames: usize,
    /// Bytes one client may be behind before it is let go with 4009. Default 4 MiB, so that a joined
    /// reply with a full room fits.
    pub outbox_bytes: usize,
    /// Time between the verdict on a slow client and cutting its connection. Default 10 s.
    pub kill_after: Duration,
    /// Requests that may wait for one room; more are answered `busy`. Default 1,024.
    pub room_mailbox: usize,
    /// Operations that may wait for the store in one room; more are answered `busy`. Default 4,096.
    pub room_queue: usize,
    /// How long a room without members stays in memory. Default 60 s.
    pub hibernate_after: Duration,
    /// Events between two snapshots. Default 500.
    pub snapshot_every: u64,
    /// Events kept in memory for resume, undo and repeats. Default 500.
    pub tail: usize,
    /// The longest delta a resume gets; beyond that a snapshot is cheaper. Default 500.
    pub delta_limit: usize,
    /// How long before the end of a token the session is told. Default 60 s.
    pub token_warning: Duration,
    /// How long after the end of a token the session lives. Default 25 s.
    pub token_grace: Duration,
    /// Threads that rooms live on, the first of them the main one. Default 1: a room is never the
    /// bottleneck, its sockets are.
    pub room_threads: usize,
}

impl Default for Realtime {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            auth_deadline: Duration::from_secs(10),
            presence_tick: Duration::from_millis(50),
            presence_grace: Duration::from_secs(5),
            outbox_frames: 512,
            outbox_bytes: 4 * 1024 * 1024,
            kill_after: Duration::from_secs(10),
            room_mailbox: 1_024,
            room_queue: 4_096,
            hibernate_after: Duration::from_secs(60),
            snapshot_every: 500,
            tail: 500,
            delta_limit: 500,
            token_warning: Duration::from_secs(60),
            token_grace: Duration::from_secs(25),
            room_threads: 1,
        }
    }
}

/// Rates and counts a client may not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations a second one session may sustain. Default 50.
    pub ops_per_second: u32,
    /// Operations one session may send at once. Default 100.
    pub ops_burst: u32,
    /// Cursor and selection messages a second of one session; more are dropped, the newest wins.
    /// Default 60.
    pub presence_per_second: u32,
    /// Other requests (joins, history, snapshots, locks) a second one session may sustain.
    /// Default 50.
    pub requests_per_second: u32,
    /// Operations a second of one tenant on this replica, each of a batch counted, or each 256 bytes
    /// of a message longer than 1 KiB where those are more. Default 2,000.
    pub tenant_ops_per_second: u32,
    /// REST requests to rooms, operations apart, a second of one tenant on this replica. Default 500.
    pub tenant_requests_per_second: u32,
    /// Rooms one session may have joined. Default 100.
    pub rooms_per_session: usize,
    /// WebSocket connections of this replica; more are refused with `busy`. Default 20,000.
    pub max_connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ops_per_second: 50,
            ops_burst: 100,
            presence_per_second: 60,
            requests_per_second: 50,
            tenant_ops_per_second: 2_000,
            tenant_requests_per_second: 500,
            rooms_per_session: 100,
            max_connections: 20_000,
        }
    }
}
