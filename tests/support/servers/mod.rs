//! Real PostgreSQL, Redis, Redis Cluster and HAProxy for tests: started from the installed binaries on free
//! ports, in seconds, and gone with the test process, however that ends. Include it with
//! `#[path = "support/servers/mod.rs"] mod servers;`; it depends on nothing else in `tests/`.
//!
//! `scripts/setup-servers.sh` installs what it starts.
#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of this folder")]

mod cluster;
mod haproxy;
mod node;
mod ports;
mod postgres;
mod process;
mod proxy;
mod redis;
mod tls;
mod view;

use std::time::Duration;

use tokio::sync::OnceCell;

pub use cluster::{Options, RedisCluster};
pub use haproxy::HaProxy;
pub use node::Node;
pub use ports::Port;
pub use postgres::{Postgres, Shutdown};
pub use process::{Home, Process};
pub use proxy::Proxy;
pub use redis::Redis;
pub use tls::Certificates;

/// How long a server may take for anything before the test gives up on it.
const PATIENCE: Duration = Duration::from_secs(40);

/// The PostgreSQL server of this test binary, started at first use.
pub async fn postgres() -> &'static Postgres {
    static SHARED: OnceCell<Postgres> = OnceCell::const_new();
    SHARED.get_or_init(Postgres::start).await
}

/// The Redis Cluster of this test binary, started at first use: six nodes, no TLS, no password.
pub async fn redis_cluster() -> &'static RedisCluster {
    static SHARED: OnceCell<RedisCluster> = OnceCell::const_new();
    SHARED.get_or_init(|| RedisCluster::start(Options::default())).await
}

/// Asks `attempt` every 10 ms until it gives something; fails the test after [`PATIENCE`].
async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(value) = attempt().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}
