//! Where replicas are: what the bridges tell each other, what they make of a bus that is away, and that
//! a client of one replica is served through another.

use std::sync::Arc;

use actix::{Actor, Addr};
use kyo_collaboration::actors::bridge::{Bridge, Locate, Part, ReachableAt};
use kyo_collaboration::bus::NodeId;
use kyo_collaboration::bus::local::LocalHub;
use kyo_collaboration::store::{self, Store};
use kyo_collaboration::telemetry::Metrics;
use kyo_collaboration::telemetry::metrics::Build;
use kyo_collaboration::time::Clock;

use crate::support::{Cluster, Person, Service, Unruly, Whim, until};

/// A bridge on a hub, and nothing around it.
struct Node {
    id: NodeId,
    bus: Arc<Unruly>,
    bridge: Addr<Bridge>,
}

impl Node {
    fn join(hub: &LocalHub, store: &Arc<dyn Store>) -> Self {
        let id = NodeId(uuid::Uuid::now_v7());
        let (bus, events) = Unruly::join(hub, id, Whim::Honest);
        let (bus, clock) = (Arc::new(bus), Clock::system());
        let metrics = Arc::new(Metrics::new(Build { version: "test", commit: "" }, &clock));
        let bridge = Bridge::new(id, bus.clone(), events, store.clone(), clock, metrics).start();
        Self { id, bus, bridge }
    }

    async fn locate(&self, node: NodeId) -> Option<String> {
        let found = self.bridge.send(Locate(node)).await.expect("a bridge");
        found.map(|address| address.to_string())
    }

    async fn is_at(&self, address: &str) {
        assert!(self.bridge.send(ReachableAt(address.into())).await.expect("a bridge"));
    }
}

/// An empty database, for bridges without rooms.
async fn database() -> (tempfile::TempDir, Arc<dyn Store>) {
    let home = tempfile::TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}/kyo.db", home.path().display());
    let config = store::Config { url, ..store::Config::default() };
    store::migrate(&config).await.expect("a new database");
    let store = store::connect(&config).await.expect("a database");
    (home, store)
}

#[actix_web::test]
async fn a_bridge_knows_where_the_others_are_also_without_the_bus() {
    let (_home, store) = database().await;
    let hub = LocalHub::new();
    let (a, b) = (Node::join(&hub, &store), Node::join(&hub, &store));
    assert_eq!(b.locate(b.id).await, None, "nobody asks another about itself");
    a.is_at("http://10.0.0.1:3001").await;
    let there = Some("http://10.0.0.1:3001".to_owned());
    until("its address", async || (b.locate(a.id).await == there).then_some(())).await;
    b.bus.set(Whim::Down);
    assert_eq!(b.locate(a.id).await, there);
    assert_eq!(b.locate(NodeId(uuid::Uuid::new_v4())).await, None);
    b.bus.set(Whim::Honest);
    a.bridge.send(Part).await.expect("a bridge");
    until("its end", async || b.locate(a.id).await.is_none().then_some(())).await;
}

#[actix_web::test]
async fn what_could_not_be_said_is_said_when_the_bus_is_back() {
    let (_home, store) = database().await;
    let hub = LocalHub::new();
    let (a, b) = (Node::join(&hub, &store), Node::join(&hub, &store));
    a.bus.set(Whim::Down);
    let said = a.bridge.send(ReachableAt("http://a:1".into())).await;
    assert!(!said.expect("a bridge"), "there is no bus");
    a.bus.set(Whim::Honest);
    until("its address", async || b.locate(a.id).await.map(drop)).await;
}

#[actix_web::test]
async fn names_that_clients_make_up_keep_nobody_from_being_found() {
    let (_home, store) = database().await;
    let hub = LocalHub::new();
    let (a, b) = (Node::join(&hub, &store), Node::join(&hub, &store));
    a.is_at("http://a:1").await;
    // Once it has been heard, it is no stranger.
    until("its address", async || b.locate(a.id).await.map(drop)).await;
    for _ in 0..2_000 {
        assert_eq!(b.locate(NodeId(uuid::Uuid::new_v4())).await, None);
    }
    let c = Node::join(&hub, &store);
    c.is_at("http://c:1").await;
    until("another's", async || b.locate(c.id).await.map(drop)).await;
    assert_eq!(b.locate(a.id).await.as_deref(), Some("http://a:1"));
}

/// One request of a client that polls; status and answer.
async fn ask(replica: &Service, query: &str, body: Option<String>) -> (u16, String) {
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling{query}", replica.address());
    let client = awc::Client::default();
    let sent = match body {
        Some(body) => client.post(url).send_body(body).await,
        None => client.get(url).send().await,
    };
    let mut answer = sent.expect("an answer");
    let text = answer.body().await.expect("its whole body");
    (answer.status().as_u16(), String::from_utf8_lossy(&text).into_owned())
}

#[actix_web::test]
async fn a_client_that_polls_is_served_by_replicas_in_turn() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let [a, b] = &cluster.replicas[..] else { panic!("two replicas") };
    let (_, opened) = ask(a, "", None).await;
    let open: serde_json::Value = serde_json::from_str(&opened[1..]).expect("an open packet");
    let sid = format!("&sid={}", open["sid"].as_str().expect("an id"));
    let auth = format!("40{{\"token\":\"{}\"}}", Person::editor("p").token());
    // A replica that is ready can be found: the first request that the other one gets is passed on.
    assert_eq!(ask(b, &sid, Some(auth)).await, (200, "ok".to_owned()));
    let mut heard = String::new();
    let mut turns = [b, a].into_iter().cycle();
    let mut hear = async |what: &str| {
        until(what, async || {
            let (status, data) = ask(turns.next().expect("a cycle"), &sid, None).await;
            assert_eq!(status, 200, "{data}");
            heard = std::mem::take(&mut heard) + &data;
            heard.contains(what).then_some(())
        })
        .await;
    };
    hear("\"welcome\"").await;
    let join = format!("421[\"join\",{{\"room\":\"{room}\"}}]");
    assert_eq!(ask(b, &sid, Some(join)).await, (200, "ok".to_owned()));
    hear("431[").await;
}
