//! What no client can bring about: a room that panics, and one that makes way while someone comes.
//! Real sessions, journal, registry and SQLite file; only the sockets are stood in for.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::*;
use crate::actors::config::Limits;
use crate::actors::drain::Drain;
use crate::actors::fanout::Fanout;
use crate::actors::lookout::Lookout;
use crate::actors::outbox::{Budget, Inlet, Out, Outbox};
use crate::actors::outlet::Outlet;
use crate::actors::registry::Open;
use crate::actors::reply::{Answer, Given, ReplyTo};
use crate::actors::session::{Inbound, Session, SessionDeps, SessionSeed, TenantRates};
use crate::auth::{Algorithm, Authenticator, Config, Principal, Secret, TenantRole};
use crate::bus::NodeId;
use crate::bus::local::LocalHub;
use crate::domain::{Instant, Policy, RoomId, TenantId, Timetable, UserId};
use crate::protocol::Framing;
use crate::protocol::envelope::encode_policy;
use crate::protocol::state::encode_timetable;
use crate::store::{self, NewRoom};
use crate::telemetry::Tracer;
use crate::telemetry::metrics::{Build, Transport};

/// Makes a room panic.
#[derive(Message)]
#[rtype(result = "()")]
struct Blow;

impl Handler<Blow> for Room {
    type Result = ();

    fn handle(&mut self, _: Blow, _: &mut Self::Context) {
        panic!("the test said so");
    }
}

/// Makes a room give way to a successor, as when it hibernates.
#[derive(Message)]
#[rtype(result = "()")]
struct Retire;

impl Handler<Retire> for Room {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.end(Over::Replaced, ctx);
    }
}

/// Holds up the thread of all rooms until the sender is gone.
#[derive(Message)]
#[rtype(result = "()")]
struct Stall(std::sync::mpsc::Receiver<()>);

impl Handler<Stall> for Room {
    type Result = ();

    fn handle(&mut self, Stall(released): Stall, _: &mut Self::Context) {
        released.recv().ok();
    }
}

/// Looks whether a request to another room has been answered by now.
#[derive(Message)]
#[rtype(result = "bool")]
struct Look(oneshot::Receiver<Answer>);

impl Handler<Look> for Room {
    type Result = bool;

    fn handle(&mut self, Look(mut answer): Look, _: &mut Self::Context) -> bool {
        answer.try_recv().is_ok()
    }
}

/// Puts an alarm off a hundred times; whoever listens hears each time that it goes off.
#[derive(Message)]
#[rtype(result = "()")]
struct PutOff(mpsc::UnboundedSender<usize>);

impl Handler<PutOff> for Room {
    type Result = ();

    fn handle(&mut self, PutOff(heard): PutOff, ctx: &mut Self::Context) {
        let live = self.live().expect("it has been asked something before");
        for time in 0..100 {
            let heard = heard.clone();
            live.lock_expiry.set(ctx, Duration::from_millis(1), move |_, _| {
                heard.send(time).ok();
            });
        }
    }
}

/// In the place of a connection: hands on what it would write.
async fn read(mut inlet: Inlet, frames: mpsc::UnboundedSender<Value>) {
    while let Some(out) = std::future::poll_fn(|cx| inlet.poll(cx)).await {
        if let Out::Frame(frame) = out {
            let message = serde_json::from_str(&frame.json()).expect("frames are JSON");
            frames.send(message).ok();
        }
    }
}

/// A replica without its HTTP server.
struct Bench {
    deps: Arc<SessionDeps>,
    store: Arc<dyn Store>,
    past_reads: Arc<Semaphore>,
    _home: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/kyo.db", home.path().display());
        let database = store::Config { url, pool: 2, ..store::Config::default() };
        store::migrate(&database).await.expect("a new file");
        let store = store::connect(&database).await.expect("is there");
        let (clock, config) = (Clock::system(), Arc::new(Realtime::default()));
        let metrics = Arc::new(Metrics::new(Build { version: "0", commit: "" }, &clock));
        let (events, bus_events) = mpsc::channel(64);
        let node = NodeId(uuid::Uuid::now_v7());
        let bus = LocalHub::new().connect(node, events);
        let past_reads = Arc::new(Semaphore::new(PAST_READS));
        let lookout = Lookout::new(clock.clone()).start();
        let rooms = RoomDeps {
            store: store.clone(),
            journal: Journal::new(store.clone(), metrics.clone(), clock.clone()).start(),
            bridge: Bridge::new(
                node,
                Arc::new(bus),
                bus_events,
                store.clone(),
                clock.clone(),
                metrics.clone(),
            )
            .start(),
            lookout: lookout.clone(),
            node,
            alone: true,
            clock: clock.clone(),
            metrics: metrics.clone(),
            tracer: Tracer::off(),
            config: config.clone(),
            past_reads: past_reads.clone(),
        };
        let limits = Arc::new(Limits::default());
        let deps = Arc::new(SessionDeps {
            registry: Registry::new(vec![Arbiter::new().handle()], rooms).start(),
            drain: Drain::new(metrics.clone(), clock.clone(), lookout).start(),
            authenticator: Arc::new(Authenticator::new(&keys()).expect("a secret")),
            tenants: Arc::new(TenantRates::new(&limits)),
            clock,
            metrics,
            tracer: Tracer::off(),
            config,
            limits,
            node: "node".into(),
            version: "0".into(),
        });
        Self { deps, store, past_reads, _home: home }
    }

    async fn room(&self) -> RoomId {
        let (id, policy) = (RoomId(uuid::Uuid::now_v7()), Policy::default());
        let timetable = Timetable::new(id, jiff::tz::TimeZone::UTC, policy);
        let room = NewRoom {
            id,
            tenant: north(),
            name: "Main hall".to_owned(),
            timezone: "UTC".to_owned(),
            policy: encode_policy(policy),
            snapshot: encode_timetable(&timetable),
            epoch: 1,
            created_at: Instant(0),
            owner: UserId::parse("founder").expect("a name"),
        };
        self.store.create_room(room).await.expect("a new room");
        id
    }

    async fn address(&self, room: RoomId) -> Addr<Room> {
        let key = RoomKey { tenant: north(), room };
        self.deps.registry.send(Open(key)).await.expect("the registry lives")
    }

    fn peer(&self, user: &str) -> Peer {
        let (frames, received) = mpsc::unbounded_channel();
        let (outbox, inlet) =
            Outbox::new(&Fanout::start(), Budget { frames: 512, bytes: 1 << 20 }, None);
        actix::spawn(read(inlet, frames));
        let seed = SessionSeed {
            transport: Transport::WebSocket,
            principal: Some(person(user)),
            framing: Framing::Json,
            kill: None,
            handshake: None,
            deps: self.deps.clone(),
        };
        let session = Session::create(move |ctx| {
            let overrun = ctx.address().recipient();
            Session::new(seed, Outlet::native(outbox.writer(overrun)))
        });
        Peer { session, received, pushes: Vec::new(), next: 0 }
    }
}

fn keys() -> Config {
    Config {
        secret: Some(Secret::new("a-secret-for-unit-tests-that-is-long-enough")),
        keys: Vec::new(),
        pem_files: Vec::new(),
        jwks_file: None,
        algorithms: Algorithm::ALL.to_vec(),
        issuer: None,
        audience: None,
        leeway_seconds: 5,
    }
}

fn north() -> TenantId {
    TenantId::parse("north").expect("a name")
}

fn person(user: &str) -> Principal {
    Principal {
        tenant: north(),
        user: UserId::parse(user).expect("a name"),
        name: user.to_owned(),
        role: TenantRole::Trainer,
        expires_at: Instant(4_102_444_800_000),
    }
}

/// A client.
struct Peer {
    session: Addr<Session>,
    received: mpsc::UnboundedReceiver<Value>,
    pushes: Vec<Value>,
    next: u64,
}

impl Peer {
    async fn send(&mut self, kind: &str, mut fields: Value) -> u64 {
        self.next += 1;
        fields["type"] = json!(kind);
        fields["id"] = json!(self.next);
        let message = Inbound(Bytes::from(fields.to_string()));
        self.session.send(message).await.expect("the session lives");
        self.next
    }

    async fn message(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(found) = self.pushes.iter().position(&wanted) {
            return self.pushes.remove(found);
        }
        let receiving = async {
            loop {
                let message = self.received.recv().await.expect("the wire lives");
                if wanted(&message) {
                    return message;
                }
                self.pushes.push(message);
            }
        };
        let patience = Duration::from_secs(20);
        actix::clock::timeout(patience, receiving).await.expect("it comes")
    }

    async fn reply(&mut self, id: u64) -> Value {
        self.message(|message| message["re"] == id).await
    }

    async fn request(&mut self, kind: &str, fields: Value) -> Value {
        let id = self.send(kind, fields).await;
        self.reply(id).await
    }

    async fn op(&mut self, room: RoomId, op_id: uuid::Uuid, hour: usize) -> Value {
        let id = self.send("op", create(room, op_id, hour)).await;
        self.reply(id).await
    }
}

fn create(room: RoomId, op_id: uuid::Uuid, hour: usize) -> Value {
    let course = json!({"title": "Yoga", "startsAt": format!("2026-03-02T{hour:02}:00:00Z"),
        "endsAt": format!("2026-03-02T{hour:02}:30:00Z")});
    json!({"room": room.to_string(), "opId": op_id.to_string(),
        "op": {"kind": "course_create", "course": course}})
}

#[actix::test]
async fn members_of_a_room_that_died_find_everything_in_its_successor() {
    let bench = Bench::start().await;
    let (room, other) = (bench.room().await, bench.room().await);
    let (mut anna, mut ben, mut eve) = (bench.peer("anna"), bench.peer("ben"), bench.peer("eve"));
    for (peer, room) in [(&mut anna, room), (&mut ben, room), (&mut eve, other)] {
        let joined = peer.request("join", json!({"room": room.to_string()})).await;
        assert_eq!(joined["type"], "joined", "{joined}");
    }
    let ops: Vec<_> = (0..20).map(|_| uuid::Uuid::now_v7()).collect();
    assert_eq!(anna.op(room, ops[0], 0).await["seq"], 1);
    let mut pending = Vec::new();
    for (hour, op) in ops.iter().enumerate().skip(1) {
        pending.push(anna.send("op", create(room, *op, hour)).await);
    }
    bench.address(room).await.send(Blow).await.expect_err("it panicked");
    for id in pending {
        let reply = anna.reply(id).await;
        let fair = ["unavailable", "forbidden", "busy"].map(Value::from);
        assert!(reply["type"] == "ack" || fair.contains(&reply["code"]), "{reply}");
    }
    for peer in [&mut anna, &mut ben] {
        peer.message(|message| message["type"] == "resync").await;
        let since = json!({"epoch": 1, "seq": 1});
        let join = json!({"room": room.to_string(), "since": since});
        let mut joined = peer.request("join", join.clone()).await;
        // The dying room may have been found once more: the answer says to try again.
        while joined["retryable"] == true {
            joined = peer.request("join", join.clone()).await;
        }
        assert!(joined["sync"] == "delta" || joined["sync"] == "current", "{joined}");
    }
    let mut seqs = Vec::new();
    for (hour, op) in ops.iter().enumerate() {
        let ack = anna.op(room, *op, hour).await;
        seqs.push(ack["seq"].as_u64().unwrap_or_else(|| panic!("{ack}")));
    }
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=20).collect::<Vec<_>>(), "each took effect once");
    assert_eq!(eve.op(other, uuid::Uuid::now_v7(), 1).await["seq"], 1);
    assert!(eve.pushes.iter().all(|push| push["type"] != "resync"), "another room died");
    let metrics = bench.deps.metrics.render();
    assert!(metrics.contains("kyo_room_restarts_total 1\n"), "{metrics}");
    assert!(metrics.contains("kyo_rooms_active 2\n"), "{metrics}");
}

#[actix::test]
async fn who_comes_while_a_room_makes_way_is_let_in_by_its_successor() {
    let bench = Bench::start().await;
    for _ in 0..20 {
        let room = bench.room().await;
        let mut anna = bench.peer("anna");
        let joining = anna.send("join", json!({"room": room.to_string()})).await;
        bench.address(room).await.send(Retire).await.expect("it lives");
        let joined = anna.reply(joining).await;
        assert_eq!(joined["type"], "joined", "{joined}");
    }
}

#[actix::test]
async fn what_reaches_a_room_that_made_way_is_done_by_its_successor() {
    let bench = Bench::start().await;
    let room = bench.room().await;
    let old = bench.address(room).await;
    old.send(Retire).await.expect("it lives");
    let who = Arc::new(Caller { principal: person("anna"), session: None });
    let (reply, answer) = oneshot::channel();
    let ask = Ask { who, want: Want::Participants, reply: ReplyTo::rest(reply) };
    old.send(ask).await.expect("it lives a little longer");
    let answered = answer.await.expect("is answered").expect("is done");
    assert!(matches!(answered, Given::Participants(people) if people.is_empty()));
    assert!(bench.address(room).await != old);
}

/// A session that asks for a room that has just died is not left without an answer.
#[actix::test]
async fn what_waits_in_the_mailbox_of_a_room_that_dies_is_answered() {
    let bench = Bench::start().await;
    let room = bench.room().await;
    let address = bench.address(room).await;
    let (mut answers, blow) = (Vec::new(), address.send(Blow));
    for _ in 0..5 {
        let who = Arc::new(Caller { principal: person("anna"), session: None });
        let (reply, answer) = oneshot::channel();
        let ask = Ask { who, want: Want::Participants, reply: ReplyTo::rest(reply) };
        // Its mailbox may be closed by now: that is an answer as well.
        address.try_send(ask).ok();
        answers.push(answer);
    }
    blow.await.expect_err("it panicked");
    for answer in answers {
        let error = answer.await.expect("is answered");
        assert!(error.is_err_and(|error| error.code.as_str() == "unavailable"));
    }
}

/// Each renewal of a lock and each cut session puts a timer off: were the old ones to stay, every
/// one of them would set the next.
#[actix::test]
async fn a_timer_that_is_put_off_goes_off_once() {
    let bench = Bench::start().await;
    let room = bench.room().await;
    let mut anna = bench.peer("anna");
    anna.request("join", json!({"room": room.to_string()})).await;
    let (tell, mut heard) = mpsc::unbounded_channel();
    bench.address(room).await.send(PutOff(tell)).await.expect("it lives");
    let mut times = Vec::new();
    while let Some(time) = heard.recv().await {
        times.push(time);
    }
    assert_eq!(times, [99], "the last one alone, and none is left to come");
}

/// Folding an old state is work for seconds at worst: those who find no turn are told to come again.
#[actix::test]
async fn an_earlier_state_waits_for_nobody() {
    let bench = Bench::start().await;
    let room = bench.room().await;
    let mut olga = bench.peer("founder");
    olga.request("join", json!({"room": room.to_string()})).await;
    assert_eq!(olga.op(room, uuid::Uuid::now_v7(), 1).await["seq"], 1);
    let turns = bench.past_reads.acquire_many(PAST_READS as u32).await.expect("they are open");
    let then = json!({"room": room.to_string(), "seq": 0});
    let restore = json!({"room": room.to_string(), "opId": uuid::Uuid::now_v7().to_string(),
        "op": {"kind": "restore", "seq": 0}});
    for reply in
        [olga.request("snapshot", then.clone()).await, olga.request("op", restore.clone()).await]
    {
        assert_eq!((&reply["code"], &reply["retryAfterMs"]), (&json!("busy"), &json!(500)));
    }
    let now = olga.request("snapshot", json!({"room": room.to_string()})).await;
    assert_eq!(now["seq"], 1, "the state now needs no turn: {now}");
    drop(turns);
    let earlier = olga.request("snapshot", then).await;
    assert_eq!((&earlier["seq"], &earlier["state"]["courses"]), (&json!(0), &json!([])));
    assert_eq!(olga.request("op", restore).await["seq"], 2);
}

/// All rooms live on one thread, and a mailbox was emptied at a stretch: a thousand joins of a big room
/// kept everybody else waiting for a tenth of a second.
#[actix::test]
async fn a_crowd_before_one_room_lets_the_others_answer() {
    let bench = Bench::start().await;
    let crowded = bench.address(bench.room().await).await;
    let [calm, stalled] =
        [bench.address(bench.room().await).await, bench.address(bench.room().await).await];
    for room in [&crowded, &calm, &stalled] {
        ask(room).await.expect("it lives").expect("it answers");
    }
    let (release, released) = std::sync::mpsc::channel();
    stalled.try_send(Stall(released)).expect("there is room");
    let answers: Vec<_> = (0..900).map(|_| ask(&crowded)).collect();
    let last = answers.into_iter().next_back().expect("there are many");
    let looking = calm.send(Look(last));
    let looking = actix::spawn(looking);
    // The look is in the calm room's mailbox before the thread goes on.
    tokio::task::yield_now().await;
    drop(release);
    let answered = looking.await.expect("nobody cancels").expect("it lives");
    assert!(!answered, "the calm room had to wait for all of the crowd");
}

fn ask(room: &Addr<Room>) -> oneshot::Receiver<Answer> {
    let (reply, answer) = oneshot::channel();
    let who = Arc::new(Caller { principal: person("visitor"), session: None });
    let want = Want::Snapshot { seq: None };
    room.try_send(Ask { who, want, reply: ReplyTo::rest(reply) }).expect("there is room");
    answer
}
