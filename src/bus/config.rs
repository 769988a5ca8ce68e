//! The bus's settings (section `bus`) and what is wrong with them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::redis::{Dialer, Endpoint};

/// Where the other replicas are met, and how patiently. What each setting costs when it is off is
/// told in `docs/CONFIGURATION.md`.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// `host:port[,host:port…]` or `redis://`/`rediss://` addresses; none for a single replica.
    pub redis_cluster_endpoint: Option<String>,
    /// What all names of channels and keys begin with.
    pub namespace: String,
    /// Instead of a user in the addresses.
    pub username: Option<String>,
    /// Instead of a password in the addresses.
    pub password: Option<String>,
    /// Authorities to trust with `rediss://`, in PEM form; none for the system's.
    pub ca_file: Option<PathBuf>,
    /// For a new connection until it can be used.
    pub connect_timeout: Duration,
    /// For the answer to one command.
    pub command_timeout: Duration,
    /// For a call of the bus with all its attempts.
    pub call_timeout: Duration,
    /// Between two attempts of a call.
    pub retry_delay: Duration,
    /// For what the nodes say about their cluster.
    pub topology_timeout: Duration,
    /// Between two looks at the cluster while all is well.
    pub topology_interval: Duration,
    /// Silence after which TCP asks the other end for a sign; three more at a third of it.
    pub keep_alive: Duration,
    /// For TCP to have sent data confirmed (Linux).
    pub user_timeout: Duration,
    /// Age at which a subscriber's connection is made anew.
    pub rebuild_after: Duration,
    /// Messages that may wait for one primary.
    pub queue: usize,
    /// Connections to one primary for announcements and leases.
    pub pool: usize,
}

impl Default for Config {
    fn default() -> Self {
        let millis = Duration::from_millis;
        Self {
            redis_cluster_endpoint: None,
            namespace: "kyo".to_owned(),
            username: None,
            password: None,
            ca_file: None,
            connect_timeout: millis(5_000),
            command_timeout: millis(1_000),
            call_timeout: millis(3_000),
            retry_delay: millis(100),
            topology_timeout: millis(2_000),
            topology_interval: millis(10_000),
            keep_alive: millis(3_000),
            user_timeout: millis(4_000),
            rebuild_after: millis(600_000),
            queue: 1_024,
            pool: 4,
        }
    }
}

/// Shows neither addresses nor user, for they may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.redis_cluster_endpoint.as_ref().map(|_| "***");
        f.debug_struct("Config")
            .field("redis_cluster_endpoint", &endpoint)
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Whether this build can serve the settings. Reads the file with the authorities.
    ///
    /// # Errors
    /// The fault as `field: rule`, with the field's name inside the section and without any value.
    pub fn check(&self) -> Result<(), String> {
        match self.endpoint()? {
            None => Ok(()),
            Some(endpoint) => Dialer::new(self, &endpoint).map(drop),
        }
    }

    /// Host and port of the first configured address; none for a single replica, or when the address
    /// is at fault.
    #[must_use]
    pub fn first_place(&self) -> Option<(String, u16)> {
        self.endpoint().ok()??.first()
    }

    pub(super) fn endpoint(&self) -> Result<Option<Endpoint>, String> {
        let Some(text) = &self.redis_cluster_endpoint else { return Ok(None) };
        let endpoint = Endpoint::parse(text);
        endpoint.map(Some).map_err(|rule| format!("redis_cluster_endpoint: {rule}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(endpoint: &str) -> Config {
        Config { redis_cluster_endpoint: Some(endpoint.to_owned()), ..Config::default() }
    }

    #[test]
    fn faults_name_the_field_and_never_the_value() {
        let config = at("redis://kyo:hunter2@cache:port");
        let fault = config.check().unwrap_err();
        assert!(fault.starts_with("redis_cluster_endpoint: must be "), "{fault}");
        assert!(!format!("{config:?} {fault}").contains("hunter2"));
        assert_eq!(Config::default().check(), Ok(()));
        assert_eq!(at("cache-a:6379,cache-b:6379").check(), Ok(()));
        assert_eq!(Config::default().first_place(), None);
        let first = at("rediss://kyo:hunter2@cache-a,rediss://kyo:hunter2@cache-b").first_place();
        assert_eq!(first, Some(("cache-a".to_owned(), 6379)));
    }

    #[test]
    fn a_file_of_authorities_must_be_there_and_must_be_one() {
        let missing = Config { ca_file: Some("nowhere.pem".into()), ..at("rediss://cache") };
        assert!(missing.check().unwrap_err().starts_with("ca_file: nowhere.pem: "));
        let other = Config { ca_file: Some("Cargo.toml".into()), ..at("rediss://cache") };
        assert!(other.check().unwrap_err().starts_with("ca_file: Cargo.toml: "));
        let useless = Config { ca_file: Some("Cargo.toml".into()), ..at("redis://cache") };
        assert!(useless.check().unwrap_err().contains("rediss://"));
    }
}
