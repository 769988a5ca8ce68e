//! The store's settings. `crate::config` checks the address with [`check`] before a port is bound; this
//! reads no environment and opens nothing.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const SQLITE: &str = "sqlite://";

/// Where the data is and how long to wait for it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `sqlite://relative/path.db` or `sqlite:///absolute/path.db`.
    pub url: String,
    /// Connections that read at the same time; writes have one of their own.
    pub pool: usize,
    /// Longest wait, in milliseconds, for a free connection, and for another process's write.
    pub busy_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { url: "sqlite://data/kyo.db".to_owned(), pool: 4, busy_timeout_ms: 5_000 }
    }
}

/// Shows no password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &self.redacted_url())
            .field("pool", &self.pool)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .finish()
    }
}

impl Config {
    /// The address without user and password, for people to read.
    #[must_use]
    pub fn redacted_url(&self) -> String {
        match self.url.split_once("://").zip(self.url.rsplit_once('@')) {
            Some(((scheme, _), (_, place))) => format!("{scheme}://***@{place}"),
            None => self.url.clone(),
        }
    }
}

/// Which database an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
}

/// Reads a database address.
///
/// # Errors
/// What is wrong with it, for people; never the address itself, which may hold a password.
pub fn check(url: &str) -> Result<Backend, String> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Err(
            "must be sqlite://PATH: PostgreSQL is not supported by this build yet".to_owned()
        );
    }
    let path = url.strip_prefix(SQLITE).ok_or("must be sqlite://PATH")?;
    if path.is_empty() || path.ends_with('/') {
        return Err("must be sqlite://PATH: a file is needed".to_owned());
    }
    if path == ":memory:" {
        return Err("must be sqlite://PATH: memory is lost at the first restart".to_owned());
    }
    if path.contains(['?', '#', '%', '\0']) {
        return Err("must be sqlite://PATH: a plain path, without parameters or escapes".to_owned());
    }
    Ok(Backend::Sqlite(plain(path)))
}

/// SQLite gives names such as `file:x` a meaning of their own; a path that begins with a dot or a
/// slash has none.
fn plain(path: &str) -> PathBuf {
    if path.starts_with('/') { PathBuf::from(path) } else { Path::new(".").join(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_relative_and_absolute_paths() {
        assert_eq!(check("sqlite://data/kyo.db"), Ok(Backend::Sqlite("./data/kyo.db".into())));
        assert_eq!(check("sqlite:///srv/kyo.db"), Ok(Backend::Sqlite("/srv/kyo.db".into())));
    }

    #[test]
    fn refuses_what_it_can_not_keep() {
        for url in ["", "data/kyo.db", "sqlite://", "sqlite://data/", "sqlite://:memory:"] {
            assert!(check(url).is_err(), "{url}");
        }
        assert!(check("sqlite://a.db?mode=ro").is_err());
        let fault = check("postgres://kyo:hunter2@db/kyo").unwrap_err();
        assert!(fault.contains("not supported") && !fault.contains("hunter2"));
    }

    #[test]
    fn shows_no_password() {
        let url = "postgres://kyo:hunter2@db/kyo".to_owned();
        let shown = format!("{:?}", Config { url, ..Config::default() });
        assert!(shown.contains("postgres://***@db/kyo") && !shown.contains("hunter2"));
    }
}
