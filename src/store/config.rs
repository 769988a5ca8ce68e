//! The store's settings. `crate::config` checks them with [`check`] and [`Config::faults`] before a
//! port is bound; this reads no environment and opens no database.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Address;

const SQLITE: &str = "sqlite://";
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
const FORM: &str = "must be postgres://USER:PASSWORD@HOST:PORT/DATABASE or sqlite://PATH";

/// Where the data is and how long to wait for it. What is said of a server means PostgreSQL; the
/// embedded database ignores it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `postgres://user:password@host:port/database?sslmode=verify-full`, `sqlite://relative/path.db`
    /// or `sqlite:///absolute/path.db`.
    pub url: String,
    /// Connections. The embedded database reads with these and writes with one of its own.
    pub pool: usize,
    /// Longest wait, in milliseconds, for a free connection; embedded, also for another process's
    /// write.
    pub busy_timeout_ms: u64,
    /// Authorities that the server's certificate must come from, for `sslmode=verify-full`; PEM.
    pub ca_file: Option<PathBuf>,
    /// How the server lists our connections.
    pub application_name: String,
    /// Longest wait, in milliseconds, for a new connection, encryption and password included.
    pub connect_timeout_ms: u64,
    /// Longest time, in milliseconds, that the server works on one statement.
    pub statement_timeout_ms: u64,
    /// Longest wait of a statement, in milliseconds, for one lock.
    pub lock_timeout_ms: u64,
    /// Longest time, in milliseconds, that the server keeps a transaction open for somebody silent.
    pub idle_in_transaction_ms: u64,
    /// Milliseconds of silence until the network is asked whether the server is still there.
    pub keepalive_ms: u64,
    /// Milliseconds that sent bytes may stay unacknowledged until the connection is given up.
    pub tcp_user_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: "sqlite://data/kyo.db".to_owned(),
            pool: 8,
            busy_timeout_ms: 5_000,
            ca_file: None,
            application_name: "kyo-collaboration".to_owned(),
            connect_timeout_ms: 5_000,
            statement_timeout_ms: 10_000,
            lock_timeout_ms: 3_000,
            idle_in_transaction_ms: 10_000,
            keepalive_ms: 10_000,
            tcp_user_timeout_ms: 10_000,
        }
    }
}

/// Shows no password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &self.redacted_url())
            .field("pool", &self.pool)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .finish_non_exhaustive()
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

    /// What is wrong with these settings: the field, and what it must be instead.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        match check(&self.url) {
            Err(rule) => faults.push(("url", rule)),
            Ok(Backend::Postgres(address)) => faults.extend(self.fault_of_trust(&address)),
            Ok(Backend::Sqlite(_)) => {}
        }
        if self.application_name.len() > 63
            || !self.application_name.chars().all(|c| c.is_ascii_graphic())
        {
            let rule = "must be at most 63 visible characters of ASCII";
            faults.push(("application_name", rule.to_owned()));
        }
        if self.lock_timeout_ms > self.statement_timeout_ms {
            let most = self.statement_timeout_ms;
            let rule = format!("must be at most database.statement_timeout_ms ({most})");
            faults.push(("lock_timeout_ms", rule));
        }
        faults
    }

    /// A certificate that is named but not looked at would be a false comfort.
    fn fault_of_trust(&self, address: &Address) -> Option<(&'static str, String)> {
        let fault = |rule: String| Some(("ca_file", rule));
        match &self.ca_file {
            None if address.verifies() => fault("must be set for sslmode=verify-full".to_owned()),
            Some(_) if !address.verifies() => {
                fault("is only looked at with sslmode=verify-full in database.url".to_owned())
            }
            Some(path) => match super::postgres::trusted(path) {
                Ok(_) => None,
                Err(reason) => fault(reason),
            },
            None => None,
        }
    }
}

/// Which database an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded one, in this file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<Address>),
}

/// Reads a database address.
///
/// # Errors
/// What is wrong with it, for people; never the address itself, which may hold a password.
pub fn check(url: &str) -> Result<Backend, String> {
    if POSTGRES.iter().any(|scheme| url.starts_with(scheme)) {
        return Address::parse(url).map(|address| Backend::Postgres(Box::new(address)));
    }
    let path = url.strip_prefix(SQLITE).ok_or(FORM)?;
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

    fn fields(config: &Config) -> Vec<&'static str> {
        config.faults().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn reads_relative_and_absolute_paths() {
        assert_eq!(check("sqlite://data/kyo.db"), Ok(Backend::Sqlite("./data/kyo.db".into())));
        assert_eq!(check("sqlite:///srv/kyo.db"), Ok(Backend::Sqlite("/srv/kyo.db".into())));
    }

    #[test]
    fn tells_servers_from_files() {
        for url in ["postgres://kyo:hunter2@db/kyo", "postgresql://db:5433/kyo?sslmode=disable"] {
            assert!(matches!(check(url), Ok(Backend::Postgres(_))), "{url}");
        }
    }

    #[test]
    fn refuses_what_it_can_not_keep() {
        for url in ["", "data/kyo.db", "sqlite://", "sqlite://data/", "sqlite://:memory:"] {
            assert!(check(url).is_err(), "{url}");
        }
        assert!(check("sqlite://a.db?mode=ro").is_err());
        let fault = check("postgres://kyo:hunter2@db").unwrap_err();
        assert!(fault.contains("a database is needed") && !fault.contains("hunter2"));
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        let fine = Config::default();
        assert_eq!(fields(&fine), [""; 0]);
        assert_eq!(fields(&Config { url: "mysql://x".to_owned(), ..fine.clone() }), ["url"]);
        let named = Config { application_name: "two words".to_owned(), ..fine.clone() };
        assert_eq!(fields(&named), ["application_name"]);
        assert_eq!(fields(&Config { lock_timeout_ms: 10_001, ..fine }), ["lock_timeout_ms"]);
    }

    #[test]
    fn a_certificate_is_named_exactly_when_it_is_looked_at() {
        let config = |mode: &str, ca: Option<&str>| Config {
            url: format!("postgres://db/kyo?sslmode={mode}"),
            ca_file: ca.map(PathBuf::from),
            ..Config::default()
        };
        assert_eq!(fields(&config("verify-full", None)), ["ca_file"]);
        assert_eq!(fields(&config("require", Some("Cargo.toml"))), ["ca_file"]);
        assert_eq!(fields(&config("verify-full", Some("nowhere.pem"))), ["ca_file"]);
        let empty = config("verify-full", Some("Cargo.toml"));
        assert!(empty.faults()[0].1.contains("Cargo.toml"), "{:?}", empty.faults());
        assert_eq!(fields(&config("require", None)), [""; 0]);
    }

    #[test]
    fn shows_no_password() {
        let url = "postgres://kyo:hunter2@db/kyo".to_owned();
        let shown = format!("{:?}", Config { url, ..Config::default() });
        assert!(shown.contains("postgres://***@db/kyo") && !shown.contains("hunter2"));
    }
}
