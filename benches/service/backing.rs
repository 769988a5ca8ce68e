//! The servers that production has, started for the rows that are measured on them.

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::proc;
use crate::servers::{Options, Postgres, RedisCluster};

/// Running servers; dropping it ends them.
pub struct Backing {
    runtime: Runtime,
    postgres: Postgres,
    redis: Option<RedisCluster>,
}

impl Backing {
    /// PostgreSQL alone: one replica.
    pub fn database() -> Self {
        let runtime = runtime();
        let postgres = runtime.block_on(Postgres::start());
        Self { runtime, postgres, redis: None }
    }

    /// PostgreSQL and a Redis Cluster of six nodes: several replicas.
    pub fn whole() -> Self {
        let mut backing = Self::database();
        let redis = RedisCluster::start(Options::default());
        backing.redis = Some(backing.runtime.block_on(redis));
        backing
    }

    /// The settings under which a service works on them, with a database of its own.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![("DATABASE_URL".to_owned(), self.url())];
        let endpoint = self.redis.as_ref().map(RedisCluster::endpoint);
        settings.extend(endpoint.map(|endpoint| ("REDIS_CLUSTER_ENDPOINT".to_owned(), endpoint)));
        settings
    }

    /// A new database.
    pub fn url(&self) -> String {
        self.runtime.block_on(self.postgres.database())
    }

    /// Processor time that the database server has used so far, all of its processes together.
    pub fn database_cpu(&self) -> Duration {
        let lock = self.postgres.folder().join("data/postmaster.pid");
        let text = std::fs::read_to_string(lock).expect("the server runs");
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
        proc::cpu_of_family(pid.expect("a process id"))
    }

    /// One node of the Redis Cluster.
    pub fn redis(&self) -> String {
        self.redis.as_ref().expect("it was started with the rest").endpoint()
    }

    /// Waits for what talks to the servers without the service.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}
