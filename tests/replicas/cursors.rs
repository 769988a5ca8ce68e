//! Cursors cross replicas at tick rate: bounded messages between replicas, one frame a tick to each
//! member, and nobody gets their own back.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Client, Cluster, Person, Service, Whim, within};

const TICK: Duration = Duration::from_millis(200);
const MOVERS: usize = 6;
const MOVES: u32 = 80;

#[actix_web::test]
async fn many_cursors_on_two_replicas_cost_a_message_and_a_frame_a_tick() {
    let cluster = Cluster::with(&[Whim::Honest; 2], |config| {
        config.realtime.presence_tick_ms = TICK.as_millis() as u64;
        config.limits.presence_per_second = 100_000;
    })
    .await;
    let room = cluster.room().await;
    let mut movers = Vec::new();
    for n in 0..MOVERS {
        let replica = &cluster.replicas[n % 2];
        let who = Person::editor(&format!("mover-{n}"));
        movers.push(Client::enter(replica, &who, &room).await.0);
    }
    let sessions: Vec<_> = movers.iter().map(|mover| mover.session().to_owned()).collect();
    let began = Instant::now();
    let before = published(&cluster.replicas).await;
    for x in 1..=MOVES {
        for mover in &mut movers {
            mover.send("cursor_move", json!({"room": room, "x": x, "y": 1})).await;
        }
        tokio::time::sleep(TICK / 40).await;
    }
    let watching = movers.iter_mut().map(|mover| settle(mover, &sessions));
    let frames = futures_util::future::join_all(watching).await;
    let after = published(&cluster.replicas).await;
    // One tick may have been under way at each end.
    let ticks = (began.elapsed().as_millis() / TICK.as_millis() + 2) as f64;
    for seen in frames {
        assert!(seen as f64 <= ticks, "{seen} presence frames in {ticks} ticks");
    }
    for (after, before) in after.iter().zip(before) {
        assert!(after - before <= ticks, "{} messages in {ticks} ticks", after - before);
    }
}

#[actix_web::test]
async fn cursors_that_nobody_elsewhere_can_see_are_not_published() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[0], &Person::editor("b"), &room).await;
    let began = Instant::now();
    let before = published(&cluster.replicas).await[0];
    for x in 1..=50 {
        a.send("cursor_move", json!({"room": room, "x": x, "y": 1})).await;
        await_cursor(&mut b, x).await;
    }
    let after = published(&cluster.replicas).await[0];
    // Its announcements alone, at most twice a second.
    let announced = began.elapsed().as_millis() / 500 + 2;
    assert!(after - before <= announced as f64, "{} messages", after - before);
}

async fn await_cursor(client: &mut Client, x: u32) {
    loop {
        let frame = client.expect("presence").await;
        if cursors(&frame).iter().any(|(_, at)| *at == f64::from(x)) {
            return;
        }
    }
}

async fn published(replicas: &[Service]) -> Vec<f64> {
    let mut all = Vec::new();
    for replica in replicas {
        all.push(replica.metric("kyo_presence_published_total").await);
    }
    all
}

/// Reads presence until every other mover is seen at its last place; counts the frames that held
/// cursors.
async fn settle(mover: &mut Client, sessions: &[String]) -> usize {
    let mine = mover.session().to_owned();
    let (mut last, mut frames) = (BTreeMap::new(), 0);
    within("the last place of everyone", async {
        let others = || sessions.iter().filter(|session| **session != mine);
        while !others().all(|one| last.get(one) == Some(&f64::from(MOVES))) {
            let frame = mover.expect("presence").await;
            let seen = cursors(&frame);
            frames += usize::from(!seen.is_empty());
            for (session, x) in seen {
                assert_ne!(session, mine, "a mover was sent its own cursor");
                last.insert(session, x);
            }
        }
    })
    .await;
    frames
}

fn cursors(frame: &Value) -> Vec<(String, f64)> {
    let all = ["joined", "changed"].into_iter().filter_map(|part| frame[part].as_array());
    let pointing = all.flatten().filter(|one| one["cursor"].is_object());
    pointing
        .map(|one| {
            let session = one["sessionId"].as_str().expect("a session").to_owned();
            (session, one["cursor"]["x"].as_f64().expect("a number"))
        })
        .collect()
}
