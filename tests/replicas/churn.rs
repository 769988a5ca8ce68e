//! Coming and going leaves nothing behind: no participant, no place, no room, no connection.

use std::collections::BTreeSet;
use std::time::Duration;

use kyo_collaboration::domain::Instant;
use kyo_collaboration::time::Clock;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Class, Client, Cluster, Dice, Person, Whim, new_id, until, within};

#[actix_web::test]
async fn everyone_whose_connection_was_cut_is_gone_after_the_grace() {
    let cluster = Cluster::with(&[Whim::Honest], |config| {
        config.realtime.presence_grace_ms = 1_000;
    })
    .await;
    let replica = &cluster.replicas[0];
    let room = cluster.room().await;
    let (mut watcher, _) = Client::enter(replica, &Person::viewer("watcher"), &room).await;
    let (mut seen, mut cut) = (Seen::default(), Vec::new());
    let mut sessions = BTreeSet::new();
    for name in ["ann", "bea", "cat"] {
        cut.push(Client::enter(replica, &Person::viewer(name), &room).await.0);
    }
    for client in cut {
        let session = client.session().to_owned();
        drop(client.into_stream());
        // Away one after the other, so that their graces end at different times.
        while !seen.away.contains(&session) {
            seen.read(&mut watcher).await;
        }
        sessions.insert(session);
    }
    while seen.left != sessions {
        seen.read(&mut watcher).await;
    }
}

/// What presence frames said of others.
#[derive(Default)]
struct Seen {
    away: BTreeSet<String>,
    left: BTreeSet<String>,
}

impl Seen {
    async fn read(&mut self, watcher: &mut Client) {
        let presence = watcher.expect("presence").await;
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        // Who comes and goes between two ticks is shown as away at once.
        let told = ["changed", "joined"].map(|part| presence[part].as_array().cloned());
        for one in told.into_iter().flatten().flatten() {
            if one["state"] == "away" {
                self.away.insert(text(&one["sessionId"]));
            }
        }
        for one in presence["left"].as_array().into_iter().flatten() {
            self.left.insert(text(&one["sessionId"]));
        }
    }
}

#[actix_web::test]
async fn a_storm_of_visitors_leaves_nothing_behind() {
    let cluster = Cluster::with(&[Whim::Honest], |config| {
        config.realtime.presence_grace_ms = 500;
        config.realtime.hibernate_after_ms = 1_000;
    })
    .await;
    let replica = &cluster.replicas[0];
    let rooms = [cluster.room().await, cluster.room().await, cluster.room().await];
    let visits = (0..8).map(|n| visit(replica, &rooms, Dice::new(n + 1)));
    within("all visits", futures_util::future::join_all(visits)).await;
    for gauge in
        ["kyo_sessions{transport=\"websocket\"}", "kyo_presence_participants", "kyo_rooms_active"]
    {
        until(gauge, async || (replica.metric(gauge).await == 0.0).then_some(())).await;
    }
    assert_eq!(replica.running().await, 0, "the registry has forgotten them");
    for room in &rooms {
        assert_eq!(replica.participants(room).await, Vec::<String>::new());
    }
}

/// Comes and goes 25 times, in every way there is.
async fn visit(replica: &crate::support::Service, rooms: &[String], mut dice: Dice) {
    for _ in 0..25 {
        let room = dice.pick(rooms).clone();
        let mut client = Client::connect(replica, &Person::editor("visitor")).await;
        let since = json!({"epoch": 1, "seq": 9});
        let joining = client.send("join", json!({"room": room, "since": since})).await;
        match dice.below(6) {
            0 => drop(client.into_stream()),
            1 => {
                let leaving = client.send("leave", json!({"room": room})).await;
                assert_eq!(client.reply(joining).await["type"], "joined");
                assert_eq!(client.reply(leaving).await["type"], "left");
            }
            2 => {
                let joined = client.reply(joining).await;
                let ahead = json!({"epoch": joined["epoch"], "seq": 1_000_000});
                client.send("join", json!({"room": room, "since": ahead})).await;
            }
            3 => {
                let class = Class::new("Yoga", dice.below(5_000) as u32);
                client.op(&room, class.create()).await;
                client.request("lock", json!({"room": room, "courseId": class.id()})).await;
            }
            4 => {
                client.send("leave", json!({"room": room})).await;
            }
            _ => {
                client.reply(joining).await;
                client.send_frame(Message::Close(None)).await.expect("still open");
                client.ended().await;
            }
        }
    }
}

#[actix_web::test]
async fn rooms_that_are_not_there_take_no_places() {
    let cluster = Cluster::with(&[Whim::Honest], |config| {
        config.limits.rooms_per_session = 3;
    })
    .await;
    let room = cluster.room().await;
    let mut client = Client::connect(&cluster.replicas[0], &Person::editor("a")).await;
    for _ in 0..5 {
        let refused = client.request("join", json!({"room": new_id()})).await;
        assert_eq!(refused["code"], "not_found", "{refused}");
    }
    client.join(&room).await;
}

#[actix_web::test]
async fn who_does_nothing_is_shown_idle() {
    let cluster = Cluster::with(&[], |_| {}).await;
    let clock = Clock::test(Instant(jiff::Timestamp::now().as_millisecond()));
    let replica = cluster.replica(Whim::Honest, clock.clone()).await;
    let founder = replica.rest(&Person::owner("founder"));
    let body = json!({"name": "Main hall", "timezone": "Europe/Berlin"});
    let made = founder.post("/api/collaboration/v1/rooms", &body).await.expect(201);
    let room = made["room"].as_str().expect("an id");
    let (mut watcher, _) = Client::enter(&replica, &Person::viewer("watcher"), room).await;
    let (sleeper, _) = Client::enter(&replica, &Person::viewer("sleeper"), room).await;
    clock.advance(Duration::from_secs(61));
    loop {
        let presence = watcher.expect("presence").await;
        let changed = presence["changed"].as_array().cloned().unwrap_or_default();
        let idle = |one: &serde_json::Value| {
            one["sessionId"] == *sleeper.session() && one["state"] == "idle"
        };
        if changed.iter().any(idle) {
            break;
        }
    }
}
