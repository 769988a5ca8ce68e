//! `[bus]`.

use std::fmt;
use std::path::PathBuf;

use super::Section;
use super::hide::without_passwords;

/// How replicas hear each other. Times are in milliseconds.
#[derive(Clone, PartialEq, Eq)]
pub struct Bus {
    /// Addresses of a Redis, cluster or not; may hold passwords. Default none: the bus is inside this
    /// process, which must then be the only one on its database.
    pub redis_cluster_endpoint: Option<String>,
    /// What all names of channels and keys begin with. Default `kyo`; replicas of one service need the
    /// same, services that share a Redis different ones.
    pub namespace: String,
    /// Instead of a user in the addresses.
    pub username: Option<String>,
    /// Instead of a password in the addresses.
    pub password: Option<String>,
    /// Authorities that `rediss://` trusts, in PEM form. Default the system's.
    pub ca_file: Option<PathBuf>,
    /// For a connection until it can be used. Default 5000; too short, and a busy Redis is never
    /// reached.
    pub connect_timeout_ms: u64,
    /// For the answer to one command. Default 1000; too long hides a frozen primary.
    pub command_timeout_ms: u64,
    /// For one call with all its attempts. Default 3000.
    pub call_timeout_ms: u64,
    /// Between two attempts. Default 100.
    pub retry_delay_ms: u64,
    /// For what the nodes say about the cluster. Default 2000.
    pub topology_timeout_ms: u64,
    /// Between two looks at the cluster while all is well. Default 10000.
    pub topology_interval_ms: u64,
    /// Silence before TCP asks for a sign. Default 3000.
    pub keep_alive_ms: u64,
    /// For TCP to have data confirmed. Default 4000.
    pub user_timeout_ms: u64,
    /// Age at which a subscriber's connection is made anew. Default 600000.
    pub rebuild_after_ms: u64,
    /// Messages that wait for one primary; more are dropped. Default 1024.
    pub queue: usize,
    /// Connections to one primary for announcements and leases. Default 4.
    pub pool: usize,
}

impl Bus {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let bus = Self {
            redis_cluster_endpoint: section.optional_text("redis_cluster_endpoint"),
            namespace: section
                .parsed("namespace", "must be 1 to 32 of a-z, 0-9 and -", namespace)
                .unwrap_or_default(),
            username: section.optional_text("username"),
            password: section.optional_text("password"),
            ca_file: section.optional_text("ca_file").map(PathBuf::from),
            connect_timeout_ms: section.integer("connect_timeout_ms", 50..=60_000),
            command_timeout_ms: section.integer("command_timeout_ms", 50..=60_000),
            call_timeout_ms: section.integer("call_timeout_ms", 100..=60_000),
            retry_delay_ms: section.integer("retry_delay_ms", 1..=10_000),
            topology_timeout_ms: section.integer("topology_timeout_ms", 50..=60_000),
            topology_interval_ms: section.integer("topology_interval_ms", 100..=3_600_000),
            keep_alive_ms: section.integer("keep_alive_ms", 3_000..=3_600_000),
            user_timeout_ms: section.integer("user_timeout_ms", 100..=3_600_000),
            rebuild_after_ms: section.integer("rebuild_after_ms", 1_000..=86_400_000),
            queue: section.integer("queue", 16..=65_536),
            pool: section.integer("pool", 1..=256),
        };
        bus.relate(section);
        bus
    }

    fn relate(&self, section: &mut Section<'_>) {
        let reached = crate::bus::Config {
            redis_cluster_endpoint: self.redis_cluster_endpoint.clone(),
            ca_file: self.ca_file.clone(),
            ..crate::bus::Config::default()
        };
        if let Err(fault) = reached.check() {
            let (key, rule) = fault.split_once(": ").unwrap_or(("redis_cluster_endpoint", &fault));
            section.fault(key, rule);
        }
        if section.is_sound() && self.call_timeout_ms < self.command_timeout_ms {
            let least = self.command_timeout_ms;
            section.fault(
                "call_timeout_ms",
                format!("must be at least bus.command_timeout_ms ({least})"),
            );
        }
    }
}

/// Nothing in it may read as a hash tag.
fn namespace(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = (1..=32).contains(&text.len()) && text.chars().all(fits);
    good.then(|| text.to_owned())
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.redis_cluster_endpoint.as_deref().map(without_passwords);
        f.debug_struct("Bus").field("redis_cluster_endpoint", &endpoint).finish_non_exhaustive()
    }
}
