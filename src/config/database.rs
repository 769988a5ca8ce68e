//! `[database]`.

use std::fmt;

use super::Section;
use super::hide::without_passwords;

/// Where the service keeps its data.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    /// `sqlite://PATH`. Default `sqlite://data/kyo.db`. May hold a password.
    pub url: String,
    /// Connections. Default 4; more than the disk can serve only wait longer.
    pub pool: usize,
    /// Longest wait for another writer, in milliseconds. Default 5000; too short turns a checkpoint
    /// into refused operations.
    pub busy_timeout_ms: u64,
}

impl Database {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let url = section.text("url");
        if let Err(rule) = crate::store::check(&url) {
            section.fault("url", rule);
        }
        Self {
            url,
            pool: section.integer("pool", 1..=256),
            busy_timeout_ms: section.integer("busy_timeout_ms", 100..=60_000),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &without_passwords(&self.url))
            .field("pool", &self.pool)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .finish()
    }
}
