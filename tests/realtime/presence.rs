//! Who is here, and where they point: bounded traffic, and no flicker.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Client, Person, Service, Settings, fold_roster};

#[actix_web::test]
async fn people_are_seen_coming_and_going() {
    let service = Service::with(Settings::default().set("realtime.presence_grace_ms", 0)).await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, joined) = Client::enter(&service, &Person::viewer("erna"), &room).await;
    let there = joined["participants"].as_array().expect("participants");
    let seen = there.iter().find(|one| one["userId"] == "emil").expect("emil is here");
    assert_eq!((&seen["name"], &seen["role"]), (&json!("emil of north"), &json!("editor")));
    assert_eq!(seen["state"], "active");
    assert!(seen["color"].is_string() && seen["joinedAt"].is_string(), "{seen}");

    let mut roster = BTreeMap::new();
    follow_roster(&mut emil, &mut roster, |roster| roster.values().any(|one| one == "erna")).await;
    erna.request("leave", json!({"room": room})).await;
    follow_roster(&mut emil, &mut roster, |roster| roster.values().all(|one| one != "erna")).await;

    erna.join(&room).await;
    follow_roster(&mut emil, &mut roster, |roster| roster.values().any(|one| one == "erna")).await;
    drop(erna);
    follow_roster(&mut emil, &mut roster, |roster| roster.values().all(|one| one != "erna")).await;
}

#[actix_web::test]
async fn a_reconnect_within_the_grace_is_no_flicker() {
    let service = Service::with(Settings::default().set("realtime.presence_grace_ms", 1500)).await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let mut roster = BTreeMap::new();
    follow_roster(&mut emil, &mut roster, |roster| roster.values().any(|one| one == "erna")).await;

    let first = erna.session().to_owned();
    drop(erna);
    let (erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let second = erna.session().to_owned();
    follow_roster(&mut emil, &mut roster, |roster| {
        assert!(roster.values().any(|one| one == "erna"), "erna flickered");
        roster.contains_key(&second) && !roster.contains_key(&first)
    })
    .await;

    drop(erna);
    follow_roster(&mut emil, &mut roster, |roster| roster.values().all(|one| one != "erna")).await;
}

#[actix_web::test]
async fn many_cursors_cost_one_frame_a_tick_and_never_come_back_to_their_owner() {
    const TICK: Duration = Duration::from_millis(200);
    const MOVERS: usize = 10;
    const MOVES: u32 = 100;
    let tick = Settings::unhurried().set("realtime.presence_tick_ms", TICK.as_millis());
    let service = Service::with(tick).await;
    let room = service.room().await;
    let mut movers = Vec::new();
    for n in 0..MOVERS {
        let person = Person::editor(&format!("mover-{n}"));
        movers.push(Client::enter(&service, &person, &room).await.0);
    }
    let sessions: Vec<_> = movers.iter().map(|mover| mover.session().to_owned()).collect();
    let began = Instant::now();
    join_all(movers.iter_mut().map(|mover| wander(mover, &room, MOVES))).await;

    let watch = movers.iter_mut().map(|mover| settle(mover, &sessions, MOVES));
    let frames = join_all(watch).await;
    let ticks = began.elapsed().as_millis() / TICK.as_millis();
    for seen in frames {
        // One tick may have been under way at each end.
        assert!(seen as u128 <= ticks + 2, "{seen} presence frames in {ticks} ticks");
    }
}

/// Moves the cursor many times and ends at a place known to everyone.
async fn wander(mover: &mut Client, room: &str, moves: u32) {
    for x in 1..=moves {
        mover.send("cursor_move", json!({"room": room, "x": x, "y": 1})).await;
    }
}

/// Reads presence until every other mover is seen at its last place; counts the frames that held
/// cursors.
async fn settle(mover: &mut Client, sessions: &[String], moves: u32) -> usize {
    let mine = mover.session().to_owned();
    let mut last: BTreeMap<String, Value> = BTreeMap::new();
    let mut frames = 0;
    let arrived = |last: &BTreeMap<String, Value>| {
        let mut others = sessions.iter().filter(|&session| *session != mine);
        others.all(|one| last.get(one).is_some_and(|x| x.as_f64() == Some(moves.into())))
    };
    while !arrived(&last) {
        let frame = mover.expect("presence").await;
        let seen = cursors(&frame);
        frames += usize::from(!seen.is_empty());
        for (session, x) in seen {
            assert_ne!(session, mine, "a mover was sent its own cursor");
            last.insert(session, x);
        }
    }
    frames
}

/// Where whose cursor is.
fn cursors(frame: &Value) -> Vec<(String, Value)> {
    let session = |one: &Value| one["sessionId"].as_str().expect("a session").to_owned();
    let moved = told(frame, "cursor").into_iter();
    moved.map(|one| (session(&one), one["cursor"]["x"].clone())).collect()
}

/// Those of whom a frame tells a cursor or a selection; of one who has just come, it is a part of
/// the participant.
fn told(frame: &Value, what: &str) -> Vec<Value> {
    let all = ["joined", "changed"].into_iter().filter_map(|part| frame[part].as_array());
    all.flatten().filter(|one| one[what].is_object()).cloned().collect()
}

#[actix_web::test]
async fn a_selection_is_seen_by_the_others() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let selection = json!({"courseIds": ["c1", "c2"], "kind": "courses"});
    emil.send("selection_change", json!({"room": room, "selection": selection})).await;
    let seen = loop {
        let frame = erna.expect("presence").await;
        if let Some(seen) = told(&frame, "selection").pop() {
            break seen;
        }
    };
    assert_eq!(seen["sessionId"], emil.session());
    assert_eq!(seen["selection"]["courseIds"], json!(["c1", "c2"]));
}

#[actix_web::test]
async fn a_cursor_that_moved_too_fast_is_still_seen_where_it_stopped() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let moves = 5 * emil.welcome["limits"]["presencePerSecond"].as_u64().expect("a limit") as u32;
    let sessions = [emil.session().to_owned()];
    wander(&mut emil, &room, moves).await;
    settle(&mut erna, &sessions, moves).await;
}

/// Folds presence frames until the roster is as wished; the wish is also asked after each frame.
async fn follow_roster(
    client: &mut Client,
    roster: &mut BTreeMap<String, String>,
    wish: impl Fn(&BTreeMap<String, String>) -> bool,
) {
    loop {
        let frame = client.expect("presence").await;
        fold_roster(roster, &frame);
        if wish(roster) {
            return;
        }
    }
}
