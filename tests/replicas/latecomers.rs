//! A client that comes with more than this replica has heard of, and what it sends right behind its
//! join.

use serde_json::{Value, json};

use crate::support::{Class, Client, Cluster, Person, Replica, Whim};

/// Events that the second replica does not hear of.
const UNHEARD: u32 = 5;

/// A room that runs on both replicas, the second behind the first; the folded copy is the first's.
async fn behind() -> (Cluster, String, Replica, Client) {
    let cluster = Cluster::with(&[Whim::Deaf, Whim::Honest], |_| {}).await;
    let room = cluster.room().await;
    let (mut a, joined) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (watcher, _) = Client::enter(&cluster.replicas[1], &Person::viewer("w"), &room).await;
    let mut replica = Replica::of(&joined);
    for n in 0..UNHEARD {
        a.acked(&room, Class::new("Yoga", n).create()).await;
    }
    replica.follow(&mut a, u64::from(UNHEARD)).await;
    (cluster, room, replica, watcher)
}

fn since(replica: &Replica, beyond: u64) -> Value {
    json!({"epoch": replica.epoch, "seq": replica.seq + beyond})
}

#[actix_web::test]
async fn a_client_ahead_of_its_replica_loses_nothing_it_had() {
    let (cluster, room, mut replica, _watcher) = behind().await;
    let mut b = Client::connect(&cluster.replicas[1], &Person::editor("a")).await;
    let joined = b.rejoin(&room, &replica.epoch, replica.seq).await;
    assert_eq!(joined["sync"], "current", "it was at the head: {joined}");
    replica.resume(&joined);
    b.acked(&room, Class::new("Spin", 9).create()).await;
    replica.follow(&mut b, u64::from(UNHEARD) + 1).await;
}

#[actix_web::test]
async fn a_client_ahead_of_everything_gets_a_snapshot() {
    let (cluster, room, replica, _watcher) = behind().await;
    let mut b = Client::connect(&cluster.replicas[1], &Person::editor("a")).await;
    for beyond in [1, 1_000, u64::MAX - replica.seq] {
        let join = json!({"room": room, "since": since(&replica, beyond)});
        let joined = b.request("join", join).await;
        assert_eq!(joined["sync"], "snapshot", "{joined}");
        Replica::of(&joined).assert_equals(&b.snapshot(&room, None).await);
    }
}

#[actix_web::test]
async fn who_leaves_while_its_join_waits_is_not_left_in_the_room() {
    let (cluster, room, replica, watcher) = behind().await;
    let mut b = Client::connect(&cluster.replicas[1], &Person::editor("a")).await;
    let joining = b.send("join", json!({"room": room, "since": since(&replica, 7)})).await;
    let leaving = b.send("leave", json!({"room": room})).await;
    assert_eq!(b.reply(joining).await["type"], "joined");
    assert_eq!(b.reply(leaving).await["type"], "left");
    let listed = cluster.replicas[1].participants(&room).await;
    assert!(listed.iter().any(|one| one == watcher.session()), "{listed:?}");
    assert!(!listed.iter().any(|one| one == b.session()), "{listed:?}");
}

#[actix_web::test]
async fn an_operation_right_behind_a_join_that_waits_is_taken() {
    let (cluster, room, replica, _watcher) = behind().await;
    let mut b = Client::connect(&cluster.replicas[1], &Person::editor("a")).await;
    let joining = b.send("join", json!({"room": room, "since": since(&replica, 0)})).await;
    let ack = b.acked(&room, Class::new("Spin", 9).create()).await;
    assert_eq!(ack["seq"], UNHEARD + 1);
    assert_eq!(b.reply(joining).await["type"], "joined");
}

#[actix_web::test]
async fn a_state_that_a_replica_has_not_heard_of_can_be_read_there() {
    let (cluster, room, replica, _watcher) = behind().await;
    let mut b = Client::connect(&cluster.replicas[1], &Person::editor("a")).await;
    replica.assert_equals(&b.snapshot(&room, Some(replica.seq)).await);
}
