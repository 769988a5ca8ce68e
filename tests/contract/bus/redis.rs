//! The same contract at real servers: one Redis, a cluster, and a cluster with TLS and a user who may
//! do no more than `docs/CONFIGURATION.md` says is needed.

use std::sync::Arc;

use async_trait::async_trait;
use kyo_collaboration::bus::{self, Bus, BusError, BusEvent, Config, NodeId};
use tokio::sync::OnceCell;
use tokio::sync::mpsc::{self, Sender};
use uuid::Uuid;

use super::{Mesh, Node, PATIENCE, new_room};
use crate::servers::{self, Options, Redis, RedisCluster};

/// What the user of the guarded cluster may do.
const RIGHTS: [&str; 15] = [
    "resetchannels",
    "resetkeys",
    "-@all",
    "~kyo-*",
    "&kyo-*",
    "+ping",
    "+unwatch",
    "+spublish",
    "+ssubscribe",
    "+sunsubscribe",
    "+cluster|slots",
    "+asking",
    "+eval",
    "+evalsha",
    // What the scripts call.
    "+time",
];
const IN_SCRIPTS: [&str; 8] =
    ["+hset", "+hget", "+hgetall", "+hdel", "+get", "+set", "+pttl", "+pexpire"];

async fn single() -> &'static Redis {
    static SHARED: OnceCell<Redis> = OnceCell::const_new();
    SHARED.get_or_init(Redis::start).await
}

async fn guarded() -> &'static RedisCluster {
    static SHARED: OnceCell<RedisCluster> = OnceCell::const_new();
    let start = async || {
        let options = Options {
            tls: true,
            user: Some("kyo".to_owned()),
            password: Some("secret".to_owned()),
            ..Options::default()
        };
        let cluster = RedisCluster::start(options).await;
        for node in cluster.nodes() {
            let mut words = vec!["ACL", "SETUSER", "guarded", "on", ">hush"];
            words.extend(RIGHTS.iter().chain(&IN_SCRIPTS));
            let () = node.command(&words).await.expect("a valid rule");
        }
        cluster
    };
    SHARED.get_or_init(start).await
}

/// Patient, for many tests do their handshakes at once.
fn at(endpoint: String) -> Config {
    Config {
        redis_cluster_endpoint: Some(endpoint),
        connect_timeout: PATIENCE,
        command_timeout: PATIENCE,
        call_timeout: PATIENCE,
        topology_timeout: PATIENCE,
        ..Config::default()
    }
}

async fn guarded_config() -> Config {
    let cluster = guarded().await;
    let (_, place) =
        cluster.endpoint().rsplit_once('@').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    Config {
        username: Some("guarded".to_owned()),
        password: Some("hush".to_owned()),
        ca_file: cluster.ca_pem(),
        ..at(format!("rediss://{place}"))
    }
}

async fn refusal(config: &Config) -> String {
    let (sender, _events) = mpsc::channel(1);
    match bus::connect(config, NodeId(Uuid::new_v4()), sender).await.map(drop) {
        Err(BusError::Failed(reason)) => reason,
        other => panic!("no refusal but {other:?}"),
    }
}

macro_rules! mesh {
    ($name:ident, $config:expr) => {
        /// Each with a namespace of its own, so that no case hears another.
        struct $name(String);

        impl Default for $name {
            fn default() -> Self {
                Self(format!("kyo-{:028x}", Uuid::new_v4().as_u128() >> 16))
            }
        }

        #[async_trait(?Send)]
        impl Mesh for $name {
            async fn join(&self, node: NodeId, events: Sender<BusEvent>) -> Arc<dyn Bus> {
                let config = Config { namespace: self.0.clone(), ..$config };
                bus::connect(&config, node, events).await.unwrap()
            }
        }
    };
}

mesh!(Single, at(single().await.url()));
mesh!(Cluster, at(servers::redis_cluster().await.endpoint()));
mesh!(Guarded, guarded_config().await);

mod at_one_redis {
    crate::bus::bus_contract!(super::Single);
}

mod at_a_cluster {
    crate::bus::bus_contract!(super::Cluster);
}

mod at_a_guarded_cluster {
    crate::bus::bus_contract!(super::Guarded);
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once() {
    let config = Config { password: Some("loud".to_owned()), ..guarded_config().await };
    let reason = refusal(&config).await;
    assert!(
        reason.contains("WRONGPASS") || reason.contains("invalid username-password"),
        "{reason}"
    );
    assert!(!reason.contains("loud"), "{reason}");
}

#[tokio::test]
async fn an_authority_that_is_not_trusted_is_told_at_once() {
    let config = Config { ca_file: None, ..guarded_config().await };
    assert!(refusal(&config).await.contains("UnknownIssuer"));
}

#[tokio::test]
async fn several_addresses_of_no_cluster_are_refused() {
    let url = single().await.url();
    let reason = refusal(&at(format!("{url},{}", url.replace("127.0.0.1", "localhost")))).await;
    assert!(reason.contains("must be those of one cluster"), "{reason}");
}

#[tokio::test]
async fn what_it_does_not_understand_is_passed_over_and_counted() {
    let mesh = Single::default();
    let mut listener = Node::join(&mesh, 8).await;
    let speaker = Node::join(&mesh, 8).await;
    let room = new_room();
    listener.bus.subscribe(room).await.unwrap();
    let channel = format!("{}:{{{room}}}", mesh.0);
    for strange in ["", "\u{2}\u{0}0123456789abcdef and of a later version"] {
        let heard: i64 =
            single().await.node().command(&["SPUBLISH", &channel, strange]).await.unwrap();
        assert_eq!(heard, 1);
    }
    speaker.say(room, "understood").await;
    assert_eq!(listener.heard().await, "understood");
    assert_eq!(listener.bus.health().failures, 2);
}

#[tokio::test]
async fn publishing_never_waits_for_a_server_that_stands_still() {
    let server = Redis::start().await;
    let config = Config { queue: 16, ..at(server.url()) };
    let (sender, _events) = mpsc::channel(1);
    let bus = bus::connect(&config, NodeId(Uuid::new_v4()), sender).await.unwrap();
    let room = new_room();
    server.node().freeze();
    let mut refused = 0;
    for _ in 0..1_000 {
        let published = bus.publish(room, "x".into()).await;
        refused += u64::from(matches!(published, Err(BusError::Unavailable(_))));
        tokio::task::yield_now().await;
    }
    // What fits is in the queue and on its way to the server.
    assert!((1_000 - 16 - 256..=1_000 - 16).contains(&refused), "{refused}");
    assert!(bus.health().failures >= refused);
    server.node().thaw();
}
