//! `[bus]`.

use std::fmt;

use super::Section;
use super::hide::without_passwords;

/// How replicas hear each other.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bus {
    /// Addresses of a Redis Cluster; may hold passwords. Default none: the bus is inside this
    /// process, which must then be the only one on its database.
    pub redis_cluster_endpoint: Option<String>,
}

impl Bus {
    pub(super) fn read(section: &mut Section<'_>) -> Self {
        let redis_cluster_endpoint = section.optional_text("redis_cluster_endpoint");
        if redis_cluster_endpoint.is_some() {
            // Ignoring it would start replicas that silently don't hear each other.
            section.fault(
                "redis_cluster_endpoint",
                "must be empty: this build has the in-process bus alone",
            );
        }
        Self { redis_cluster_endpoint }
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.redis_cluster_endpoint.as_deref().map(without_passwords);
        f.debug_struct("Bus").field("redis_cluster_endpoint", &endpoint).finish()
    }
}
