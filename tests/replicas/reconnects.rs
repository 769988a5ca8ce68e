//! P7: who comes back within the grace, on whichever replica, is never seen to leave and come.

use serde_json::Value;

use crate::support::{Client, Cluster, List, Person, Whim, fold_roster, within};

/// A watcher on each of three replicas.
async fn watched(cluster: &Cluster, room: &str) -> Vec<(Client, List)> {
    let mut watchers = Vec::new();
    for (n, replica) in cluster.replicas.iter().enumerate() {
        let who = Person::viewer(&format!("watcher-{n}"));
        let (client, joined) = Client::enter(replica, &who, room).await;
        watchers.push((client, List::of(&joined)));
    }
    watchers
}

/// Reads until `new` is shown and `old` is not; meanwhile erna is always there. Gives the frame in
/// which `old` left.
async fn swapped(watcher: &mut (Client, List), old: &str, new: &str) -> Value {
    let (client, list) = watcher;
    within("the old session to be replaced", async {
        loop {
            let frame = client.expect("presence").await;
            fold_roster(&mut list.0, &frame);
            assert!(list.has_user("erna"), "erna flickered: {frame}");
            if list.has(new) && !list.has(old) {
                return frame;
            }
        }
    })
    .await
}

fn reason_of(frame: &Value, session: &str) -> Value {
    let left = frame["left"].as_array().expect("a list");
    left.iter().find(|one| one["sessionId"] == session).expect("it left")["reason"].clone()
}

#[actix_web::test]
async fn a_reconnect_to_another_replica_replaces_the_cut_session_in_one_frame_everywhere() {
    let cluster = Cluster::start(3).await;
    let room = cluster.room().await;
    let mut watchers = watched(&cluster, &room).await;
    let (erna, _) = Client::enter(&cluster.replicas[0], &Person::editor("erna"), &room).await;
    let old = erna.session().to_owned();
    for (client, list) in &mut watchers {
        list.follow("erna", client, |list| list.has(&old)).await;
    }
    drop(erna.into_stream());
    for (client, _) in &mut watchers {
        away(client, &old).await;
    }
    let (erna, joined) = Client::enter(&cluster.replicas[1], &Person::editor("erna"), &room).await;
    let new = erna.session().to_owned();
    assert!(!List::of(&joined).has(&old), "her own list has her once: {joined}");
    for watcher in &mut watchers {
        let frame = swapped(watcher, &old, &new).await;
        assert_eq!(reason_of(&frame, &old), "reconnected");
        let joined = frame["joined"].as_array().expect("a list");
        assert!(joined.iter().any(|one| one["sessionId"] == *new), "in one frame: {frame}");
    }
}

#[actix_web::test]
async fn a_reconnect_before_the_cut_is_noticed_is_no_flicker_either() {
    let cluster = Cluster::start(3).await;
    let room = cluster.room().await;
    let mut watchers = watched(&cluster, &room).await;
    let (old, _) = Client::enter(&cluster.replicas[0], &Person::editor("erna"), &room).await;
    let (new, _) = Client::enter(&cluster.replicas[1], &Person::editor("erna"), &room).await;
    for (client, list) in &mut watchers {
        list.follow("both", client, |list| list.has(old.session()) && list.has(new.session()))
            .await;
    }
    let gone = old.session().to_owned();
    drop(old.into_stream());
    for watcher in &mut watchers {
        let frame = swapped(watcher, &gone, new.session()).await;
        assert_eq!(reason_of(&frame, &gone), "reconnected");
    }
}

#[actix_web::test]
async fn many_reconnects_over_a_wild_bus_leave_one_place_each() {
    let cluster = Cluster::with(&[Whim::Wild(1), Whim::Wild(2), Whim::Wild(4)], |_| {}).await;
    let room = cluster.room().await;
    let mut watchers = watched(&cluster, &room).await;
    let (mut erna, _) = Client::enter(&cluster.replicas[0], &Person::editor("erna"), &room).await;
    for round in 1..6 {
        drop(erna.into_stream());
        erna = Client::enter(&cluster.replicas[round % 3], &Person::editor("erna"), &room).await.0;
    }
    let new = erna.session().to_owned();
    for (client, list) in &mut watchers {
        list.follow("one erna", client, |list| {
            list.has(&new) && list.0.values().filter(|user| *user == "erna").count() == 1
        })
        .await;
    }
}

async fn away(client: &mut Client, session: &str) {
    within("the cut to be seen", async {
        loop {
            let frame = client.expect("presence").await;
            let changed = frame["changed"].as_array().cloned().unwrap_or_default();
            if changed.iter().any(|one| one["sessionId"] == session && one["state"] == "away") {
                return;
            }
        }
    })
    .await;
}
