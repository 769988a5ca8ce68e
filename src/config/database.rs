//! `[database]`.

use std::fmt;
use std::path::PathBuf;

use super::Section;
use super::hide::without_passwords;
use crate::store;

/// Where the service keeps its data.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE` or `sqlite://PATH`. Default
    /// `sqlite://data/kyo.db`. May hold a password.
    pub url: String,
    /// Connections. Default 8. All replicas together must stay below what the server allows; too few
    /// make rooms wait for each other's reads.
    pub pool: usize,
    /// Longest wait for a free connection and, embedded, for another writer, in milliseconds. Default
    /// 5000; too short turns a checkpoint or a reconnection into refused operations.
    pub busy_timeout_ms: u64,
    /// PEM file of the authorities that may vouch for the server. Default none; needed by
    /// `sslmode=verify-full` and by nothing else.
    pub ca_file: Option<PathBuf>,
    /// What the server calls our connections. Default `kyo-collaboration`.
    pub application_name: String,
    /// Longest wait for a new connection, in milliseconds. Default 5000; too short keeps a busy server
    /// from being reached at all.
    pub connect_timeout_ms: u64,
    /// Longest time for one statement, in milliseconds. Default 10000; too short refuses the largest
    /// templates, too long lets one sick statement hold its rooms.
    pub statement_timeout_ms: u64,
    /// Longest wait for one lock, in milliseconds. Default 3000; a room that another replica is
    /// writing is locked for one commit.
    pub lock_timeout_ms: u64,
    /// Longest silence inside a transaction, in milliseconds. Default 10000; too long lets a replica
    /// that was cut off keep its rooms locked.
    pub idle_in_transaction_ms: u64,
    /// Silence before the network is probed, in milliseconds. Default 10000; too long and a firewall
    /// forgets the connection first.
    pub keepalive_ms: u64,
    /// Longest time that sent data may stay unacknowledged, in milliseconds. Default 10000; too short
    /// gives a connection up for a hiccup, too long keeps waiting for a machine that is gone.
    pub tcp_user_timeout_ms: u64,
}

impl Database {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let database = Self {
            url: section.text("url"),
            pool: section.integer("pool", 1..=256),
            busy_timeout_ms: section.integer("busy_timeout_ms", 100..=60_000),
            ca_file: section.optional_text("ca_file").map(PathBuf::from),
            application_name: section.text("application_name"),
            connect_timeout_ms: section.integer("connect_timeout_ms", 100..=60_000),
            statement_timeout_ms: section.integer("statement_timeout_ms", 100..=600_000),
            lock_timeout_ms: section.integer("lock_timeout_ms", 10..=600_000),
            idle_in_transaction_ms: section.integer("idle_in_transaction_ms", 1_000..=600_000),
            keepalive_ms: section.integer("keepalive_ms", 1_000..=600_000),
            tcp_user_timeout_ms: section.integer("tcp_user_timeout_ms", 1_000..=600_000),
        };
        if section.is_sound() {
            for (field, rule) in database.settings().faults() {
                section.fault(field, rule);
            }
        }
        database
    }

    /// The same for the store.
    #[must_use]
    pub fn settings(&self) -> store::Config {
        store::Config {
            url: self.url.clone(),
            pool: self.pool,
            busy_timeout_ms: self.busy_timeout_ms,
            ca_file: self.ca_file.clone(),
            application_name: self.application_name.clone(),
            connect_timeout_ms: self.connect_timeout_ms,
            statement_timeout_ms: self.statement_timeout_ms,
            lock_timeout_ms: self.lock_timeout_ms,
            idle_in_transaction_ms: self.idle_in_transaction_ms,
            keepalive_ms: self.keepalive_ms,
            tcp_user_timeout_ms: self.tcp_user_timeout_ms,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &without_passwords(&self.url))
            .field("pool", &self.pool)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .finish_non_exhaustive()
    }
}
