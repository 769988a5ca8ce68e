//! Two replicas on PostgreSQL and Redis behind HAProxy, as in production but for their number. The
//! servers below are shared by the tests of this binary, the rest belongs to one story.

use futures_util::future::join;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::servers::{HaProxy, Redis, postgres};
use crate::support::{Client, Person, Rest, Service, Settings, until};

/// How HAProxy chooses a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// The next one, whatever the request.
    RoundRobin,
    /// The one that a cookie names.
    Sticky,
}

impl Balance {
    /// A complete configuration with ports that are not ours.
    fn example(self) -> &'static str {
        match self {
            Self::RoundRobin => include_str!("haproxy/round-robin.cfg"),
            Self::Sticky => include_str!("haproxy/sticky.cfg"),
        }
    }
}

/// The replicas and the way to them.
pub struct Pair {
    pub replicas: [Service; 2],
    balancer: HaProxy,
}

impl Pair {
    /// Starts everything, on a database of its own.
    pub async fn start(balance: Balance) -> Self {
        let settings = Settings::unhurried()
            .set("drain.deadline_ms", 4_000)
            .env("DATABASE_URL", &postgres().await.database().await)
            .env("REDIS_CLUSTER_ENDPOINT", &redis().await.url());
        // One after the other where they bring the schema up to date.
        let first = Service::with(settings.clone()).await;
        let replicas = [first, Service::with(settings).await];
        let balancer = HaProxy::start(|port| configuration(balance, port, &replicas)).await;
        let pair = Self { replicas, balancer };
        let rest = Rest::new(&format!("http://{}", pair.address()), None);
        until("HAProxy to let requests through", async || {
            pair.balancer.assert_runs();
            rest.try_get("/ready").await.ok().filter(|answer| answer.status == 200)
        })
        .await;
        pair
    }

    /// The balancer's address.
    pub fn address(&self) -> String {
        self.balancer.address()
    }

    /// Which replica a `welcome` came from.
    pub async fn origin(&self, welcome: &Value) -> usize {
        let asker = Person::viewer("asker");
        let ask = |n: usize| Client::connect(&self.replicas[n], &asker);
        let (a, b) = join(ask(0), ask(1)).await;
        let nodes = [a.welcome["node"].clone(), b.welcome["node"].clone()];
        nodes.iter().position(|node| *node == welcome["node"]).expect("one of the two")
    }
}

/// The Redis server of this test binary, started at first use.
async fn redis() -> &'static Redis {
    static SHARED: OnceCell<Redis> = OnceCell::const_new();
    SHARED.get_or_init(Redis::start).await
}

/// The example with our ports.
fn configuration(balance: Balance, port: u16, replicas: &[Service; 2]) -> String {
    let [a, b] = replicas.each_ref().map(Service::address);
    with_ports(balance.example(), &format!("127.0.0.1:{port}"), &a, &b)
}

/// Line by line: one of our ports may begin with the digits of one of the example's.
fn with_ports(example: &str, clients: &str, a: &str, b: &str) -> String {
    let ours = [("127.0.0.1:8080", clients), ("127.0.0.1:3001", a), ("127.0.0.1:3002", b)];
    for (from, _) in ours {
        assert_eq!(example.matches(from).count(), 1, "{from} stands once in the example");
    }
    let lines = example.lines().map(|line| {
        let found = ours.iter().find(|(from, _)| line.contains(from));
        found.map_or_else(|| line.to_owned(), |(from, to)| line.replace(from, to)) + "\n"
    });
    lines.collect()
}

#[test]
fn ports_that_begin_like_the_examples_are_put_in_their_place() {
    for balance in [Balance::RoundRobin, Balance::Sticky] {
        let ours = ["127.0.0.1:30011", "127.0.0.1:30021", "127.0.0.1:30012"];
        let text = with_ports(balance.example(), ours[0], ours[1], ours[2]);
        for (place, ours) in ["bind", "server a", "server b"].iter().zip(ours) {
            let line = text.lines().find(|line| line.trim_start().starts_with(place));
            let line = line.expect("a line of the example");
            assert!(line.split(' ').any(|word| word == ours), "{line}");
        }
    }
}
