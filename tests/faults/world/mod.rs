//! Everything that a run attacks: replicas of the real binary on shared servers. It starts, harms
//! and heals; what happens in it is the history's business.

mod replica;
mod seat;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use futures_util::future::{join, join_all};
use tokio::sync::{Mutex, MutexGuard};

pub use replica::{Plan, Replica};
pub use seat::Seat;

use crate::gym::Door;
use crate::servers::{Home, Options, Postgres, Proxy, RedisCluster};

/// A world has the machine for itself: replicas that wait for a processor keep no bound in time, and
/// nobody can tell that from a defect.
static MACHINE: Mutex<()> = Mutex::const_new(());

/// What the replicas share.
#[derive(Debug)]
pub enum Ground {
    /// One SQLite file and no bus: replicas hear of each other by asking the database alone.
    File,
    /// PostgreSQL, each replica behind a proxy of its own, and a Redis Cluster behind proxies.
    Servers(Box<Servers>),
}

/// What production has.
#[derive(Debug)]
pub struct Servers {
    pub postgres: Postgres,
    /// The replicas' database, past their proxies.
    pub database: String,
    /// Without it replicas hear of each other by asking the database alone.
    pub redis: Option<RedisCluster>,
}

/// The replicas and their ground. Fields are dropped in order: replicas before servers, and then the
/// next world may begin.
#[derive(Debug)]
pub struct World {
    pub replicas: Vec<Replica>,
    home: Home,
    pub ground: Ground,
    _machine: MutexGuard<'static, ()>,
}

impl World {
    /// Replicas that share one SQLite file.
    pub async fn on_a_file(count: usize) -> Self {
        let home = Home::new();
        let url = format!("sqlite://{}/kyo.db", home.path().display());
        let plans = (0..count).map(|n| Plan::new(n).env("DATABASE_URL", &url)).collect();
        Self::start(home, Ground::File, plans).await
    }

    /// Replicas on PostgreSQL and Redis Cluster. Every second one begins as `other`, if it is
    /// given, and is this build when it is started again.
    pub async fn on_servers(count: usize, other: Option<PathBuf>) -> Self {
        let options = Options { proxied: true, ..Options::default() };
        let (postgres, redis) = join(Postgres::start(), RedisCluster::start(options)).await;
        Self::on(count, other, postgres, Some(redis)).await
    }

    /// Replicas on PostgreSQL alone.
    pub async fn on_postgres(count: usize) -> Self {
        Self::on(count, None, Postgres::start().await, None).await
    }

    /// Replicas straight on their servers, each shaped further by the caller.
    pub async fn for_deploys(count: usize, shape: impl Fn(Plan) -> Plan) -> Self {
        let options = Options::default();
        let (postgres, redis) = join(Postgres::start(), RedisCluster::start(options)).await;
        let (url, endpoint) = (postgres.database().await, redis.endpoint());
        let plan = |n| {
            let plan = Plan::new(n).env("DATABASE_URL", &url);
            shape(plan.env("REDIS_CLUSTER_ENDPOINT", &endpoint))
        };
        let plans = (0..count).map(plan).collect();
        let servers = Box::new(Servers { postgres, database: url, redis: Some(redis) });
        Self::start(Home::new(), Ground::Servers(servers), plans).await
    }

    async fn on(
        count: usize,
        other: Option<PathBuf>,
        postgres: Postgres,
        redis: Option<RedisCluster>,
    ) -> Self {
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, postgres.port()));
        let url = postgres.database().await;
        let mut plans = Vec::new();
        for n in 0..count {
            let proxy = Proxy::start(target).await;
            let own = url.replace(&target.to_string(), &proxy.address().to_string());
            let mut plan = Plan::new(n).env("DATABASE_URL", &own).proxy(proxy);
            if let Some(redis) = &redis {
                // A replica that starts while one node is down must find the cluster, too.
                let nodes: Vec<_> =
                    (0..redis.nodes().len()).map(|n| redis.endpoint_of(n)).collect();
                plan = plan.env("REDIS_CLUSTER_ENDPOINT", &nodes.join(","));
            }
            if n % 2 == 1
                && let Some(binary) = &other
            {
                plan = plan.other(binary.clone());
            }
            plans.push(plan);
        }
        let servers = Box::new(Servers { postgres, database: url, redis });
        Self::start(Home::new(), Ground::Servers(servers), plans).await
    }

    async fn start(home: Home, ground: Ground, plans: Vec<Plan>) -> Self {
        let machine = MACHINE.lock().await;
        // The older build first, as in a deploy: it refuses to start on a newer schema.
        let (others, ours): (Vec<_>, Vec<_>) = plans.into_iter().partition(Plan::is_other);
        let mut replicas = Vec::new();
        for plans in [others, ours] {
            let started = plans.into_iter().map(|plan| Replica::start(&home, plan));
            replicas.extend(join_all(started).await);
        }
        Self { replicas, home, ground, _machine: machine }
    }

    /// Starts a replica again after it was killed or has left.
    pub async fn restart(&self, n: usize) {
        self.replicas[n].restart(&self.home).await;
    }

    /// Starts a replica's successor beside it; gives the process that is to go.
    pub async fn succeed(&self, n: usize) -> Seat {
        self.replicas[n].succeed(&self.home).await
    }

    /// Ways to all replicas.
    pub fn doors(&self) -> Vec<Door> {
        self.replicas.iter().map(Replica::door).collect()
    }

    fn servers(&self) -> &Servers {
        match &self.ground {
            Ground::Servers(servers) => servers,
            Ground::File => panic!("this run has no servers"),
        }
    }

    /// PostgreSQL, for faults that need it.
    pub fn postgres(&self) -> &Postgres {
        &self.servers().postgres
    }

    /// The address of the replicas' database, past their proxies.
    pub fn database(&self) -> &str {
        &self.servers().database
    }

    /// Redis, for faults that need it.
    pub fn redis(&self) -> &RedisCluster {
        self.servers().redis.as_ref().expect("this run has Redis")
    }

    /// Whether replicas can tell each other of their people.
    pub fn has_bus(&self) -> bool {
        matches!(&self.ground, Ground::Servers(servers) if servers.redis.is_some())
    }

    /// Copies the replicas' output beside the history.
    pub fn keep_logs(&self, history: &std::path::Path) {
        for replica in &self.replicas {
            let log = replica.log_name();
            let kept = history.with_extension(&log);
            // A run that is reported anyway is not to fail for a missing log.
            let _ = std::fs::copy(self.home.path().join(&log), kept);
        }
    }
}
