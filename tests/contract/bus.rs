//! The contract of `Bus`. Cases take a [`Mesh`] and know nothing of what is behind it. `keeping` has
//! those of addresses, announcements and leases, `redis` the meshes at real servers.

#[path = "bus/keeping.rs"]
mod keeping;
#[path = "bus/redis.rs"]
mod redis;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use kyo_collaboration::bus::local::LocalHub;
use kyo_collaboration::bus::{self, Bus, BusError, BusEvent, Config, NodeId};
use kyo_collaboration::domain::RoomId;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;
use uuid::Uuid;

use self::keeping::*;

const PATIENCE: Duration = Duration::from_secs(20);

/// Something that nodes can join.
#[async_trait(?Send)]
trait Mesh: Default {
    async fn join(&self, node: NodeId, events: Sender<BusEvent>) -> Arc<dyn Bus>;
}

#[derive(Default)]
struct Local(LocalHub);

#[async_trait(?Send)]
impl Mesh for Local {
    async fn join(&self, node: NodeId, events: Sender<BusEvent>) -> Arc<dyn Bus> {
        Arc::new(self.0.connect(node, events))
    }
}

/// One node with its receiver.
struct Node {
    id: NodeId,
    bus: Arc<dyn Bus>,
    events: Receiver<BusEvent>,
}

impl Node {
    async fn join<M: Mesh>(mesh: &M, capacity: usize) -> Self {
        let (sender, events) = mpsc::channel(capacity);
        let id = NodeId(Uuid::new_v4());
        Self { id, bus: mesh.join(id, sender).await, events }
    }

    async fn say(&self, room: RoomId, text: impl ToString) {
        let payload = Bytes::from(text.to_string());
        self.bus.publish(room, payload).await.unwrap();
    }

    async fn next(&mut self) -> BusEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event in time").unwrap()
    }

    async fn heard(&mut self) -> String {
        match self.next().await {
            BusEvent::Message { payload, .. } => String::from_utf8(payload.to_vec()).unwrap(),
            other => panic!("no message but {other:?}"),
        }
    }
}

fn new_room() -> RoomId {
    RoomId(Uuid::now_v7())
}

async fn reaches_other_subscribed_nodes_only<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let mut a = Node::join(&mesh, 8).await;
    let mut b = Node::join(&mesh, 8).await;
    let mut deaf = Node::join(&mesh, 8).await;
    a.bus.subscribe(room).await.unwrap();
    b.bus.subscribe(room).await.unwrap();
    a.say(room, "hello").await;
    let payload = Bytes::from("hello");
    assert_eq!(b.next().await, BusEvent::Message { room, from: a.id, payload });
    b.say(room, "back").await;
    assert_eq!(a.heard().await, "back", "and never its own");
    deaf.bus.subscribe(room).await.unwrap();
    a.say(room, "late").await;
    assert_eq!(deaf.heard().await, "late");
}

async fn keeps_the_order_of_each_publisher<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let mut listener = Node::join(&mesh, 500).await;
    listener.bus.subscribe(room).await.unwrap();
    let (a, b) = (Node::join(&mesh, 1).await, Node::join(&mesh, 1).await);
    for n in 0..200 {
        a.say(room, format!("a {n}")).await;
        b.say(room, format!("b {n}")).await;
    }
    let mut next = [0, 0];
    for _ in 0..400 {
        let heard = listener.heard().await;
        let (who, n) = heard.split_once(' ').unwrap();
        let expected = &mut next[usize::from(who == "b")];
        assert_eq!(n.parse::<u32>().unwrap(), *expected);
        *expected += 1;
    }
}

async fn delivers_once_and_only_what_was_asked_for<M: Mesh>() {
    let (mesh, room, other) = (M::default(), new_room(), new_room());
    let mut listener = Node::join(&mesh, 8).await;
    let speaker = Node::join(&mesh, 8).await;
    listener.bus.subscribe(room).await.unwrap();
    listener.bus.subscribe(room).await.unwrap();
    speaker.say(other, "not for it").await;
    speaker.say(room, "one").await;
    speaker.say(room, "two").await;
    assert_eq!(listener.heard().await, "one");
    assert_eq!(listener.heard().await, "two");
    listener.bus.unsubscribe(room).await.unwrap();
    listener.bus.unsubscribe(room).await.unwrap();
    speaker.say(room, "too late").await;
    listener.bus.subscribe(other).await.unwrap();
    speaker.say(other, "three").await;
    assert_eq!(listener.heard().await, "three");
}

async fn tells_a_slow_receiver_that_it_lost_something<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let mut slow = Node::join(&mesh, 4).await;
    let mut quick = Node::join(&mesh, 200).await;
    let speaker = Node::join(&mesh, 1).await;
    slow.bus.subscribe(room).await.unwrap();
    quick.bus.subscribe(room).await.unwrap();
    for n in 0..100 {
        speaker.say(room, n).await;
    }
    for n in 0..100 {
        assert_eq!(quick.heard().await, n.to_string(), "nobody waits for the slow one");
    }
    let counted = async {
        while slow.bus.dropped() < 96 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, counted).await.expect("all that did not fit is counted");
    for n in 0..4 {
        assert_eq!(slow.heard().await, n.to_string());
    }
    assert_eq!(slow.next().await, BusEvent::Lagged, "without another message");
    speaker.say(room, "again").await;
    assert_eq!(slow.heard().await, "again");
    assert_eq!((slow.bus.dropped(), quick.bus.dropped()), (96, 0));
}

async fn signs_of_life_reach_every_node_but_the_own<M: Mesh>() {
    let mesh = M::default();
    let mut a = Node::join(&mesh, 64).await;
    let mut b = Node::join(&mesh, 64).await;
    // A sign that is sent before the others listen is lost.
    let hears = async |from: &Node, to: &mut Node| {
        let heard = async {
            loop {
                from.bus.beat().await.unwrap();
                if let Ok(event) = timeout(Duration::from_millis(50), to.events.recv()).await {
                    return event.unwrap();
                }
            }
        };
        timeout(PATIENCE, heard).await.expect("a sign in time")
    };
    assert_eq!(hears(&a, &mut b).await, BusEvent::Alive(a.id));
    assert_eq!(hears(&b, &mut a).await, BusEvent::Alive(b.id));
    b.bus.leave().await.unwrap();
    loop {
        match a.next().await {
            BusEvent::Alive(from) => assert_eq!(from, b.id),
            other => break assert_eq!(other, BusEvent::Left(b.id)),
        }
    }
}

async fn ends_with_its_receiver_or_its_node<M: Mesh>() {
    let (mesh, room) = (M::default(), new_room());
    let mut listener = Node::join(&mesh, 8).await;
    listener.bus.subscribe(room).await.unwrap();
    let Node { bus, events, .. } = Node::join(&mesh, 8).await;
    bus.subscribe(room).await.unwrap();
    drop(events);
    bus.publish(room, Bytes::from("I still speak")).await.unwrap();
    assert_eq!(listener.heard().await, "I still speak");
    let refused = timeout(PATIENCE, bus.subscribe(new_room())).await.expect("an answer in time");
    assert!(matches!(refused, Err(BusError::Unavailable(_))));
    drop(bus);
    let Node { bus, mut events, .. } = Node::join(&mesh, 8).await;
    drop(bus);
    assert_eq!(timeout(PATIENCE, events.recv()).await.expect("an end in time"), None);
}

macro_rules! bus_contract {
    ($mesh:ty) => {
        crate::bus::bus_contract!($mesh;
            reaches_other_subscribed_nodes_only
            keeps_the_order_of_each_publisher
            delivers_once_and_only_what_was_asked_for
            tells_a_slow_receiver_that_it_lost_something
            signs_of_life_reach_every_node_but_the_own
            ends_with_its_receiver_or_its_node
            says_where_each_node_is
            forgets_addresses_in_time_and_on_leaving
            keeps_what_each_node_announces
            forgets_announcements_in_time
            gives_a_lease_to_one_holder
            ends_leases_in_time
            replaces_a_lease_that_is_named
        );
    };
    ($mesh:ty; $($case:ident)*) => {
        $(
            #[tokio::test]
            async fn $case() {
                crate::bus::$case::<$mesh>().await;
            }
        )*
    };
}
use bus_contract;

mod local {
    super::bus_contract!(crate::bus::Local);
}

#[tokio::test]
async fn without_redis_a_node_is_alone() {
    let (sender, mut events) = mpsc::channel(1);
    let bus = bus::connect(&Config::default(), NodeId(Uuid::new_v4()), sender).await.unwrap();
    let room = new_room();
    bus.subscribe(room).await.unwrap();
    bus.publish(room, Bytes::from("anyone?")).await.unwrap();
    assert_eq!(bus.health().link, bus::Link::Alone);
    drop(bus);
    assert_eq!(timeout(PATIENCE, events.recv()).await.unwrap(), None);
}
