//! What happens to a Redis, and that the bus comes back from each of it: messages in every room, signs
//! of life, announcements, leases whose tokens still grow, and a word to the node that it may have
//! missed something. On a real cluster of six nodes behind proxies, one fault after the other.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]
#![expect(clippy::print_stdout, reason = "the gaps are worth reading")]

#[path = "support/servers/mod.rs"]
mod servers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kyo_collaboration::bus::{self, Bus, BusEvent, Claim, Claimed, Config, Health, Link, NodeId};
use kyo_collaboration::domain::RoomId;
use servers::{Options, Redis, RedisCluster};
use tokio::sync::{Mutex, MutexGuard, OnceCell, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep, timeout};
use uuid::Uuid;

/// The promise: whatever happens, the bus works again within this time after the servers do.
const PATIENCE: Duration = Duration::from_secs(40);
/// Between two messages of a room.
const PACE: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(300);

/// The cluster of all tests, which take turns and leave it healthy.
async fn cluster() -> MutexGuard<'static, RedisCluster> {
    static SHARED: OnceCell<Mutex<RedisCluster>> = OnceCell::const_new();
    let start = async || {
        let options = Options { proxied: true, ..Options::default() };
        Mutex::new(RedisCluster::start(options).await)
    };
    SHARED.get_or_init(start).await.lock().await
}

/// What the listener heard.
#[derive(Clone, Default)]
struct Heard {
    /// The newest number of each room, with its arrival.
    last: BTreeMap<RoomId, (u64, Option<Instant>)>,
    /// The longest silence in any room.
    gap: Duration,
    reconnected: u32,
}

/// Two nodes: one talks in all rooms without a pause, the other listens; both give signs of life.
struct World {
    speaker: Arc<dyn Bus>,
    listener: Arc<dyn Bus>,
    rooms: Vec<RoomId>,
    said: watch::Receiver<u64>,
    heard: watch::Sender<Heard>,
    tokens: BTreeMap<RoomId, u64>,
    _tasks: JoinSet<()>,
}

async fn join(endpoint: &str) -> (Arc<dyn Bus>, mpsc::Receiver<BusEvent>) {
    let (sender, events) = mpsc::channel(4_096);
    let config = Config {
        redis_cluster_endpoint: Some(endpoint.to_owned()),
        namespace: "kyo-faults".to_owned(),
        ..Config::default()
    };
    let bus = bus::connect(&config, NodeId(Uuid::new_v4()), sender).await.unwrap();
    (bus, events)
}

impl World {
    /// Subscribes to `rooms` whether that works at once or not.
    async fn begin(endpoint: &str, rooms: Vec<RoomId>) -> Self {
        let (speaker, mut unheard) = join(endpoint).await;
        let (listener, events) = join(endpoint).await;
        for room in &rooms {
            let _ = listener.subscribe(*room).await;
        }
        let (heard, (saying, said)) = (watch::Sender::default(), watch::channel(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { while unheard.recv().await.is_some() {} });
        tasks.spawn(listen(events, heard.clone()));
        tasks.spawn(talk(speaker.clone(), rooms.clone(), saying));
        tasks.spawn(beat([speaker.clone(), listener.clone()]));
        let tokens = BTreeMap::new();
        Self { speaker, listener, rooms, said, heard, tokens, _tasks: tasks }
    }

    /// Waits until all is well and the listener was told that it may have missed something; `was` is
    /// what had been heard before things went wrong.
    async fn recovers(&mut self, fault: &str, was: &Heard) {
        self.works_again(fault).await;
        let mut heard = self.heard.subscribe();
        let told = heard.wait_for(|heard| heard.reconnected > was.reconnected);
        timeout(PATIENCE, told).await.expect("it is told that it missed something").unwrap();
    }

    async fn works_again(&mut self, fault: &str) {
        let start = Instant::now();
        self.hears_all_rooms().await;
        let messages = start.elapsed();
        for bus in [self.speaker.clone(), self.listener.clone()] {
            until("health", async || bus.health().link == Link::Up).await;
        }
        let up = start.elapsed();
        self.keeps_things().await;
        let Health { failures, rebuilds, .. } = self.speaker.health();
        let gap = self.heard.borrow().gap;
        println!(
            "{fault}: longest silence {gap:.1?}; after the servers' recovery messages {messages:.1?}, \
             health {up:.1?}; failures {failures}, rebuilds {rebuilds}"
        );
    }

    /// A message of each room that was said after this call.
    async fn hears_all_rooms(&self) {
        let from = *self.said.borrow() + 1;
        let mut heard = self.heard.subscribe();
        let all = |heard: &Heard| {
            self.rooms.iter().all(|room| heard.last.get(room).is_some_and(|last| last.0 >= from))
        };
        timeout(PATIENCE, heard.wait_for(all)).await.expect("all rooms are heard").unwrap();
    }

    async fn keeps_things(&mut self) {
        for room in self.rooms.clone() {
            let value = Bytes::from(Uuid::new_v4().to_string());
            until("an announcement", async || {
                self.listener.announce(room, value.clone(), LONG).await.is_ok()
            })
            .await;
            until("what was announced", async || {
                let announced = self.speaker.announced(room).await;
                announced.is_ok_and(|announced| announced.iter().any(|(_, said)| *said == value))
            })
            .await;
            let token = self.claims(room).await;
            let before = self.tokens.insert(room, token);
            assert!(before.is_none_or(|before| token > before), "{before:?} then {token}");
        }
    }

    async fn claims(&self, room: RoomId) -> u64 {
        let claiming = async {
            loop {
                let name = Uuid::new_v4().to_string();
                let claim = Claim { name, holder: Bytes::new(), ttl: LONG, instead_of: None };
                if let Ok(Claimed::Granted(token)) = self.speaker.claim(room, claim).await {
                    return token;
                }
            }
        };
        timeout(PATIENCE, claiming).await.expect("a lease in time")
    }

    /// All is well, and silences are measured from now on.
    async fn is_well(&mut self) -> Heard {
        for bus in [self.speaker.clone(), self.listener.clone()] {
            until("health", async || bus.health().link == Link::Up).await;
        }
        self.hears_all_rooms().await;
        self.keeps_things().await;
        self.heard.send_modify(|heard| heard.gap = Duration::ZERO);
        self.heard.borrow().clone()
    }

    async fn is_not_well(&self) {
        until("a way that is down", async || {
            [&self.speaker, &self.listener].iter().all(|bus| bus.health().link != Link::Up)
        })
        .await;
    }
}

async fn listen(mut events: mpsc::Receiver<BusEvent>, heard: watch::Sender<Heard>) {
    while let Some(event) = events.recv().await {
        heard.send_modify(|heard| match event {
            BusEvent::Message { room, payload, .. } => {
                let number = std::str::from_utf8(&payload).unwrap().parse().unwrap();
                let now = Instant::now();
                let last = heard.last.entry(room).or_default();
                if let (_, Some(before)) = *last {
                    heard.gap = heard.gap.max(now - before);
                }
                *last = (last.0.max(number), Some(now));
            }
            BusEvent::Reconnected => heard.reconnected += 1,
            BusEvent::Alive(_) | BusEvent::Left(_) | BusEvent::Lagged => {}
        });
    }
}

async fn talk(bus: Arc<dyn Bus>, rooms: Vec<RoomId>, said: watch::Sender<u64>) {
    let mut pace = interval(PACE);
    loop {
        pace.tick().await;
        let number = *said.borrow() + 1;
        for room in &rooms {
            // A failure is what is looked at here.
            let _ = bus.publish(*room, Bytes::from(number.to_string())).await;
        }
        said.send_replace(number);
    }
}

async fn beat(buses: [Arc<dyn Bus>; 2]) {
    let mut pace = interval(Duration::from_secs(1));
    loop {
        pace.tick().await;
        for bus in &buses {
            let _ = bus.beat().await;
        }
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "waited in vain for {what}");
}

async fn slot_of(cluster: &RedisCluster, room: RoomId) -> u16 {
    let tag = format!("kyo-faults:{{{room}}}");
    for node in cluster.nodes().iter().filter(|node| node.is_awake()) {
        if let Ok(slot) = node.command(&["CLUSTER", "KEYSLOT", &tag]).await {
            return slot;
        }
    }
    panic!("nobody answers");
}

/// Two rooms at each primary.
async fn rooms(cluster: &RedisCluster) -> Vec<RoomId> {
    let mut found: BTreeMap<usize, Vec<RoomId>> = BTreeMap::new();
    while found.values().filter(|rooms| rooms.len() == 2).count() < 3 {
        let room = RoomId(Uuid::new_v4());
        let owner = cluster.owner_of(slot_of(cluster, room).await).await;
        let rooms = found.entry(owner).or_default();
        if rooms.len() < 2 {
            rooms.push(room);
        }
    }
    found.into_values().flatten().collect()
}

async fn world(cluster: &RedisCluster) -> World {
    let endpoint = cluster.endpoint_of(cluster.primaries().await[0]);
    World::begin(&endpoint, rooms(cluster).await).await
}

/// The primary of the first room.
async fn victim(cluster: &RedisCluster, world: &World) -> usize {
    cluster.owner_of(slot_of(cluster, world.rooms[0]).await).await
}

#[tokio::test]
async fn comes_back_after_a_planned_failover_and_a_moved_slot() {
    let cluster = cluster().await;
    let mut world = world(&cluster).await;
    let was = world.is_well().await;
    let owner = victim(&cluster, &world).await;
    cluster.failover(cluster.replica_of(owner).await).await;
    world.recovers("planned failover", &was).await;
    let was = world.is_well().await;
    let slot = slot_of(&cluster, world.rooms[0]).await;
    let owner = cluster.owner_of(slot).await;
    let primaries = cluster.primaries().await;
    let other = primaries.iter().find(|primary| **primary != owner).unwrap();
    cluster.move_slot(slot, *other).await;
    world.recovers("moved slot", &was).await;
}

#[tokio::test]
async fn comes_back_after_a_primary_is_killed() {
    let cluster = cluster().await;
    let mut world = world(&cluster).await;
    let was = world.is_well().await;
    let victim = victim(&cluster, &world).await;
    cluster.kill9(victim);
    cluster.wait_healthy().await;
    world.recovers("killed primary", &was).await;
    let was = world.is_well().await;
    cluster.restart(victim).await;
    cluster.wait_healthy().await;
    world.hears_all_rooms().await;
    assert_eq!(world.heard.borrow().reconnected, was.reconnected, "a replica more is no news");
}

#[tokio::test]
async fn comes_back_after_a_primary_freezes() {
    let cluster = cluster().await;
    let mut world = world(&cluster).await;
    let was = world.is_well().await;
    let victim = victim(&cluster, &world).await;
    cluster.freeze(victim);
    cluster.wait_healthy().await;
    world.recovers("frozen primary", &was).await;
    cluster.thaw(victim);
    cluster.wait_healthy().await;
    world.hears_all_rooms().await;
}

#[tokio::test]
async fn comes_back_after_a_primary_falls_into_a_black_hole() {
    let cluster = cluster().await;
    let mut world = world(&cluster).await;
    let was = world.is_well().await;
    let victim = victim(&cluster, &world).await;
    let heir = cluster.replica_of(victim).await;
    cluster.black_hole(victim);
    until("an heir", async || {
        let info = cluster.nodes()[heir].command::<String>(&["INFO", "replication"]).await;
        info.is_ok_and(|info| info.contains("role:master"))
    })
    .await;
    world.recovers("black hole", &was).await;
    cluster.heal(victim);
    cluster.wait_healthy().await;
    world.hears_all_rooms().await;
}

#[tokio::test]
async fn comes_back_after_the_whole_cluster_is_lost() {
    let cluster = cluster().await;
    let mut world = world(&cluster).await;
    let was = world.is_well().await;
    cluster.kill_all();
    world.is_not_well().await;
    until("the end of the last way", async || world.listener.health().link == Link::Down).await;
    let room = world.rooms[0];
    assert!(world.listener.announced(room).await.is_err(), "nobody is there");
    cluster.restart_all().await;
    world.recovers("lost cluster", &was).await;
}

#[tokio::test]
async fn finds_a_redis_that_comes_later_and_one_that_comes_back_empty() {
    let server = Redis::start().await;
    let url = server.url();
    server.kill9();
    let rooms = vec![RoomId(Uuid::new_v4()), RoomId(Uuid::new_v4())];
    let mut world = World::begin(&url, rooms).await;
    let Health { link, shards, .. } = world.listener.health();
    assert_eq!((link, shards), (Link::Down, 0));
    server.restart().await;
    world.recovers("late single Redis", &Heard::default()).await;
    let was = world.is_well().await;
    server.kill9();
    world.is_not_well().await;
    server.restart().await;
    world.recovers("lost single Redis", &was).await;
    world.is_well().await;
    server.node().freeze();
    world.is_not_well().await;
    server.node().thaw();
    // A connection that only stood still has lost nothing.
    world.works_again("frozen single Redis").await;
}
