//! The bus's settings (section `bus`) and what is wrong with them.

use serde::Deserialize;

/// Where the other replicas are met.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `host:port[,host:port…]` or `redis://`/`rediss://` addresses; none for a single replica.
    pub redis_cluster_endpoint: Option<String>,
}

/// Shows no address, for it may hold a password.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let endpoint = self.redis_cluster_endpoint.as_ref().map(|_| "***");
        f.debug_struct("Config").field("redis_cluster_endpoint", &endpoint).finish()
    }
}

impl Config {
    /// Whether this build can serve the settings.
    ///
    /// # Errors
    /// The fault as `field: rule`, with the field's name inside the section.
    pub fn check(&self) -> Result<(), String> {
        match &self.redis_cluster_endpoint {
            None => Ok(()),
            Some(_) => Err("redis_cluster_endpoint: a Redis bus is not supported by this build \
                            yet; leave it out to run a single replica"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_redis_without_showing_it() {
        let endpoint = Some("redis://kyo:hunter2@cache:6379".to_owned());
        let config = Config { redis_cluster_endpoint: endpoint };
        let fault = config.check().unwrap_err();
        assert!(fault.contains("not supported"));
        assert!(!format!("{config:?} {fault}").contains("hunter2"));
        assert_eq!(Config::default().check(), Ok(()));
    }
}
