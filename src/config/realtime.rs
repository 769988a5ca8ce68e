//! `[realtime]`.

use super::Section;

/// The longest that a participant may stay listed after the connection was lost, as promised.
const MAX_GRACE_MS: u64 = 10_000;
/// The largest message that a client may send; its echo must fit in a queue.
const MAX_MESSAGE_BYTES: u64 = 65_536;

/// Times and queues of sessions and rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realtime {
    /// Milliseconds between pings to a client. Default 25000; a load balancer that closes idle
    /// connections needs it shorter than its own timeout.
    pub ping_interval_ms: u64,
    /// Milliseconds without any frame after a ping until the client is closed with 4008. Default
    /// 20000; too short drops phones that change cells.
    pub ping_timeout_ms: u64,
    /// Milliseconds for a client to authenticate. Default 10000.
    pub auth_deadline_ms: u64,
    /// Milliseconds that cursors are gathered before they are sent. Default 50; shorter costs a frame
    /// each time, longer looks jerky.
    pub presence_tick_ms: u64,
    /// Milliseconds that a participant who lost the connection stays listed. Default 5000; 0 makes
    /// every reconnect a leave and a join.
    pub presence_grace_ms: u64,
    /// Frames that may wait for one client. Default 512; when it is full the client is let go with
    /// 4009 and resumes.
    pub outbox_frames: usize,
    /// Bytes that may wait for one client. Default 4194304, a larger message
    /// counts as half of it; times `max_connections` is the most
    /// memory that slow clients can cost.
    pub outbox_bytes: usize,
    /// Messages that may wait for one room. Default 1024; when it is full the answer is `busy`.
    pub room_mailbox: usize,
    /// Milliseconds that a room without members stays in memory. Default 60000.
    pub hibernate_after_ms: u64,
    /// Events between two snapshots of a room. Default 500; more makes the first join slower, fewer
    /// write more.
    pub snapshot_every: u64,
    /// Events that a resume gets at most; beyond it a snapshot is sent. Default 500. A room keeps as
    /// many in memory.
    pub delta_limit: usize,
    /// Milliseconds before expiry at which a client is told about its token. Default 60000.
    pub token_warning_ms: u64,
    /// Milliseconds after expiry in which a client may still refresh its token. Default 25000.
    pub token_grace_ms: u64,
}

impl Realtime {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let realtime = Self {
            ping_interval_ms: section.integer("ping_interval_ms", 1_000..=300_000),
            ping_timeout_ms: section.integer("ping_timeout_ms", 1_000..=300_000),
            auth_deadline_ms: section.integer("auth_deadline_ms", 100..=120_000),
            presence_tick_ms: section.integer("presence_tick_ms", 10..=1_000),
            presence_grace_ms: section.integer("presence_grace_ms", 0..=MAX_GRACE_MS),
            outbox_frames: section.integer("outbox_frames", 16..=65_536),
            outbox_bytes: section.integer("outbox_bytes", 2 * MAX_MESSAGE_BYTES..=1 << 30),
            room_mailbox: section.integer("room_mailbox", 16..=65_536),
            hibernate_after_ms: section.integer("hibernate_after_ms", 1_000..=86_400_000),
            snapshot_every: section.integer("snapshot_every", 10..=100_000),
            delta_limit: section.integer("delta_limit", 1..=10_000),
            token_warning_ms: section.integer("token_warning_ms", 1_000..=3_600_000),
            token_grace_ms: section.integer("token_grace_ms", 0..=300_000),
        };
        if section.is_sound() {
            realtime.relate(section);
        }
        realtime
    }

    fn relate(&self, section: &mut Section<'_>) {
        let interval = self.ping_interval_ms;
        if self.ping_timeout_ms > interval {
            // A second ping would be under way while the first is still waited for.
            let rule = format!("must be at most realtime.ping_interval_ms ({interval})");
            section.fault("ping_timeout_ms", rule);
        }
        let grace = self.presence_grace_ms;
        if self.hibernate_after_ms < grace {
            // The room holds the participants that it is waiting for.
            let rule = format!("must be at least realtime.presence_grace_ms ({grace})");
            section.fault("hibernate_after_ms", rule);
        }
    }
}
