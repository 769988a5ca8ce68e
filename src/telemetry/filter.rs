//! What is logged, changed while the process runs.

use std::sync::Arc;

use tokio::sync::watch;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::{EnvFilter, Registry};

use super::subscriber::InitError;
use crate::domain::Instant;

/// The filter that holds, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Directives.
    pub filter: String,
    /// When the configured one holds again; none when that was not asked for.
    pub until: Option<Instant>,
    /// Counts changes, so that a fall back can tell whether it is still meant.
    pub turn: u64,
}

/// A cheap handle to what is logged; clones change the same.
#[derive(Clone)]
pub struct LogFilter {
    handle: Handle<EnvFilter, Registry>,
    shown: Arc<watch::Sender<Shown>>,
    configured: Arc<str>,
}

/// Why a filter was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It can't be read.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing is logged in this process.
    #[error("nothing is logged here")]
    Detached,
}

impl LogFilter {
    /// The layer that filters, and the handle to it.
    pub(super) fn layer(
        filter: &str,
    ) -> Result<(reload::Layer<EnvFilter, Registry>, Self), InitError> {
        let read = EnvFilter::try_new(filter).map_err(|e| InitError::Filter(e.to_string()))?;
        let (layer, handle) = reload::Layer::new(read);
        let shown = Shown { filter: filter.to_owned(), until: None, turn: 0 };
        let shown = Arc::new(watch::Sender::new(shown));
        Ok((layer, Self { handle, shown, configured: filter.into() }))
    }

    /// A handle to nothing, for processes whose log lines are somebody else's.
    ///
    /// # Errors
    /// [`InitError::Filter`]
    pub fn detached(filter: &str) -> Result<Self, InitError> {
        Self::layer(filter).map(|(_, handle)| handle)
    }

    /// What holds now.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.shown.borrow().clone()
    }

    /// What holds without anybody's change.
    #[must_use]
    pub fn configured(&self) -> &str {
        &self.configured
    }

    /// Takes another filter; answers what held before.
    ///
    /// # Errors
    /// [`FilterError`], and nothing is changed.
    pub fn change(&self, filter: &str, until: Option<Instant>) -> Result<Shown, FilterError> {
        let read = EnvFilter::try_new(filter);
        let read = read.map_err(|error| FilterError::Unreadable(error.to_string()))?;
        self.handle.reload(read).map_err(|_| FilterError::Detached)?;
        let before = self.shown();
        let shown = Shown { filter: filter.to_owned(), until, turn: before.turn + 1 };
        Ok(self.shown.send_replace(shown))
    }

    /// Goes back to the configured filter, unless another was taken since that turn.
    pub fn fall_back(&self, turn: u64) {
        if self.shown.borrow().turn == turn && self.change(&self.configured, None).is_ok() {
            tracing::info!("the configured log filter holds again");
        }
    }
}

impl std::fmt::Debug for LogFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogFilter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_changed_and_falls_back_unless_changed_again() {
        let (_layer, filter) = LogFilter::layer("info").expect("is a filter");
        let before = filter.change("warn", Some(Instant(5))).expect("is a filter");
        assert_eq!((before.filter.as_str(), before.turn), ("info", 0));
        let turn = filter.shown().turn;
        filter.change("debug", None).expect("is a filter");
        filter.fall_back(turn);
        assert_eq!(filter.shown().filter, "debug");
        filter.fall_back(filter.shown().turn);
        assert_eq!((filter.shown().filter.as_str(), filter.shown().until), ("info", None));
    }

    #[test]
    fn nonsense_changes_nothing() {
        let (_layer, filter) = LogFilter::layer("info").expect("is a filter");
        assert!(matches!(filter.change("kyo=loud", None), Err(FilterError::Unreadable(_))));
        assert_eq!(filter.shown().filter, "info");
        let detached = LogFilter::detached("info").expect("is a filter");
        assert_eq!(detached.change("warn", None), Err(FilterError::Detached));
    }
}
