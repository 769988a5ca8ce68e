//! Two replicas of the real binary on one database file, which hear each other over a real Redis.

use tempfile::TempDir;

use crate::collector::Collector;
use crate::servers::Redis;
use crate::support::Service;

/// Two replicas.
pub struct Pair {
    pub one: Service,
    pub other: Service,
    // Dropped last: the replicas use both.
    _redis: Redis,
    _home: TempDir,
}

impl Pair {
    /// Both send all of their traces to one collector.
    pub async fn start(collector: &Collector) -> Self {
        let (redis, home) = (Redis::start().await, TempDir::new().expect("a temporary folder"));
        let database = format!("sqlite://{}/kyo.db", home.path().display());
        let settings = || {
            let settings = collector.settings("1");
            settings.env("DATABASE_URL", &database).env("REDIS_CLUSTER_ENDPOINT", &redis.url())
        };
        let one = Service::with(settings()).await;
        let other = Service::with(settings()).await;
        Self { one, other, _redis: redis, _home: home }
    }
}
