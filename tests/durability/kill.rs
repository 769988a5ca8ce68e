//! `kill -9` of the real binary while many clients write; after a start on the same file nothing
//! acked is missing, nothing is there twice, and what nobody knows about can be repeated.

use std::collections::HashMap;

use futures_util::future::join_all;
use serde_json::Value;

use crate::burst::{Acks, Sent, repeat, write_until_cut, writer};
use crate::support::{Client, Person, Replica, Service, Settings, until};

const WRITERS: usize = 12;
const ROOMS: usize = 3;

#[actix_web::test]
async fn no_acked_operation_is_ever_lost_or_doubled() {
    let mut service = Service::with(Settings::unhurried()).await;
    let mut rooms = Vec::new();
    for _ in 0..ROOMS {
        rooms.push(service.room().await);
    }
    let mut everything = Vec::new();
    for round in 0..rounds() {
        // Sometimes in the first commits, sometimes deep in the burst.
        let strike_at = 3 + (round * 37) % 150;
        let sent = burst_and_kill(&mut service, &rooms, strike_at).await;
        service.restart().await;
        check_log(&service, &rooms, &sent).await;
        repeat_unknown(&service, &rooms, &sent).await;
        everything.extend(sent);
    }
    let logs = read_logs(&service, &rooms).await;
    let logged: usize = logs.values().map(HashMap::len).sum();
    assert_eq!(logged, everything.len(), "each operation ever sent took effect exactly once");
    assert!(everything.iter().all(|one| logs[&one.room].contains_key(&one.op_id)));
    fold_all(&service, &rooms).await;
}

/// How many times to kill: `KYO_KILL_ROUNDS`, or 10.
fn rounds() -> usize {
    environment("KYO_KILL_ROUNDS").and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[expect(clippy::disallowed_methods, reason = "a test is told its length by the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn burst_and_kill(service: &mut Service, rooms: &[String], strike_at: usize) -> Vec<Sent> {
    let acks = Acks::default();
    let mut burst = Vec::new();
    for n in 0..WRITERS {
        let client = writer(service, n, rooms).await;
        burst.push(write_until_cut(client, rooms, acks.clone()));
    }
    let kill = async {
        until("enough acks", async || (acks.count() >= strike_at).then_some(())).await;
        service.kill();
    };
    let (sent, ()) = futures_util::future::join(join_all(burst), kill).await;
    sent.into_iter().flatten().collect()
}

/// Each acked operation is in its room's log, exactly where its ack said.
async fn check_log(service: &Service, rooms: &[String], sent: &[Sent]) {
    let logs = read_logs(service, rooms).await;
    let acked = sent.iter().filter_map(|one| Some((one, one.seq?)));
    for (one, seq) in acked {
        assert_eq!(logs[&one.room].get(&one.op_id), Some(&seq), "acked and lost: {one:?}");
    }
}

/// Sends again whatever was under way when the service died; twice, to be sure.
async fn repeat_unknown(service: &Service, rooms: &[String], sent: &[Sent]) {
    let mut client = writer(service, 99, rooms).await;
    for one in sent.iter().filter(|one| one.seq.is_none()) {
        let first = repeat(&mut client, one).await;
        let second = repeat(&mut client, one).await;
        assert_eq!(first["seq"], second["seq"]);
        assert_eq!(second["duplicate"], true, "{second}");
    }
}

/// For each room, which operation stands where; proves the log to be gapless and free of repeats.
async fn read_logs(service: &Service, rooms: &[String]) -> HashMap<String, HashMap<String, u64>> {
    let mut logs = HashMap::new();
    for room in rooms {
        let events = read_log(service, room).await;
        let mut log = HashMap::new();
        for (event, place) in events.iter().zip(1..) {
            assert_eq!(event["seq"], place, "a gap in the log: {event}");
            let op_id = event["opId"].as_str().expect("an opId").to_owned();
            assert_eq!(log.insert(op_id, place), None, "applied twice: {event}");
        }
        logs.insert(room.clone(), log);
    }
    logs
}

async fn read_log(service: &Service, room: &str) -> Vec<Value> {
    let rest = service.rest(&Person::editor("auditor"));
    let mut events: Vec<Value> = Vec::new();
    loop {
        let after = events.len();
        let path = format!("/api/collaboration/v1/rooms/{room}/events?after={after}&limit=500");
        let page = rest.get(&path).await.expect(200);
        events.extend(page["events"].as_array().expect("events").iter().cloned());
        if page["hasMore"] == false {
            return events;
        }
    }
}

/// The log folds to the state that the service serves, from the very first event.
async fn fold_all(service: &Service, rooms: &[String]) {
    let mut client = Client::connect(service, &Person::editor("auditor")).await;
    for room in rooms {
        let joined = client.join(room).await;
        let mut folded = Replica::empty(&joined);
        read_log(service, room).await.iter().for_each(|event| folded.fold(event));
        folded.assert_equals(&client.snapshot(room, None).await);
    }
}
