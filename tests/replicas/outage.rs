//! P1, P2: the database stands still for longer than anyone waits. Answers are late or
//! `unavailable`; afterwards nothing is lost and nothing is doubled. P6: the bus is away, and
//! replicas agree by the database.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::json;

use crate::support::{Class, Client, Cluster, Person, Replica, Whim, new_id};

const OPERATIONS: u32 = 30;

#[actix_web::test]
async fn a_database_that_stands_still_loses_and_doubles_nothing() {
    let cluster = Cluster::with(&[Whim::Honest; 2], |config| {
        config.database.busy_timeout_ms = 100;
    })
    .await;
    let room = cluster.room().await;
    let (mut a, joined) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("b"), &room).await;
    let mut other = SqliteConnection::establish(&cluster.file().display().to_string())
        .expect("the file is there");
    other.batch_execute("BEGIN EXCLUSIVE").expect("nobody writes yet");
    let ops: BTreeMap<String, _> =
        (0..OPERATIONS).map(|n| (new_id(), Class::new("Yoga", n).create())).collect();
    let mut sent = Vec::new();
    for (op_id, op) in &ops {
        let body = json!({"room": room, "opId": op_id, "op": op});
        sent.push(a.send("op", body).await);
    }
    let first = a.reply(sent[0]).await;
    assert_eq!((&first["code"], &first["retryable"]), (&json!("unavailable"), &json!(true)));
    let repeat = b
        .send(
            "op",
            json!({"room": room, "opId": ops.keys().next(),
        "op": ops.values().next()}),
        )
        .await;
    other.batch_execute("COMMIT").expect("it was begun");
    for id in &sent[1..] {
        let reply = a.reply(*id).await;
        assert!(reply["type"] == "ack" || reply["code"] == "unavailable", "{reply}");
    }
    b.reply(repeat).await;
    let mut seqs = BTreeMap::new();
    for (op_id, op) in &ops {
        let ack = b.op_named(&room, op_id, op.clone()).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        seqs.insert(ack["seq"].as_u64().expect("a number"), op_id.clone());
    }
    let expected: Vec<_> = (1..=u64::from(OPERATIONS)).collect();
    assert_eq!(seqs.keys().copied().collect::<Vec<_>>(), expected, "each once, without a gap");
    let mut replica = Replica::of(&joined);
    replica.follow(&mut a, u64::from(OPERATIONS)).await;
    assert_eq!(replica.op_ids(), seqs.into_values().collect::<Vec<_>>());
    a.acked(&room, Class::new("Spin", 90).create()).await;
}

/// The promise: without the bus, replicas converge within this time.
const CONVERGE: Duration = Duration::from_secs(2);

#[actix_web::test]
async fn without_the_bus_replicas_converge_within_two_seconds() {
    let cluster = Cluster::with(&[Whim::Down; 2], |_| {}).await;
    let room = cluster.room().await;
    let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (mut b, joined) = Client::enter(&cluster.replicas[1], &Person::viewer("b"), &room).await;
    let mut replica = Replica::of(&joined);
    let stalls = Stalls::watch();
    for n in 0..3 {
        a.acked(&room, Class::new("Yoga", n).create()).await;
        let (acked, before) = (tokio::time::Instant::now(), stalls.so_far());
        replica.follow(&mut b, u64::from(n) + 1).await;
        let (took, stood) = (acked.elapsed(), stalls.so_far() - before);
        assert!(took < CONVERGE + stood, "after {took:?}, of which this thread stood {stood:?}");
    }
}

/// How long this thread, on which the replicas live too, did not get to its timers: the machine's doing.
struct Stalls(Rc<Cell<Duration>>);

impl Stalls {
    fn watch() -> Self {
        let sum = Rc::new(Cell::new(Duration::ZERO));
        let watched = sum.clone();
        actix_web::rt::spawn(async move {
            let period = Duration::from_millis(50);
            loop {
                let began = tokio::time::Instant::now();
                tokio::time::sleep(period).await;
                watched.set(watched.get() + began.elapsed().saturating_sub(period));
            }
        });
        Self(sum)
    }

    fn so_far(&self) -> Duration {
        self.0.get()
    }
}
