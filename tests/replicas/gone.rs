//! P6, P7: replicas that die, leave, stand still, and a bus that goes away: nobody stays in a list
//! for long who is not there, and everybody is back without doing anything.

use std::time::Duration;

use kyo_collaboration::telemetry::metrics::Notice;
use tokio::time::Instant;

use crate::support::{Class, Client, Cluster, List, Person, Replica, Whim, until, within};

/// The promise: a replica killed without a word is out of every list within this time.
const BOUND: Duration = Duration::from_secs(10);
/// Silence that is taken for death. Whoever is gone earlier was told of.
const SILENCE: Duration = Duration::from_millis(6_500);

/// Two replicas with a person each, and the second's view.
async fn two(whims: &[Whim]) -> (Cluster, String, Client, Client, List) {
    let cluster = Cluster::with(whims, |_| {}).await;
    let room = cluster.room().await;
    let (a, _) = Client::enter(&cluster.replicas[0], &Person::editor("anna"), &room).await;
    let (mut b, joined) = Client::enter(&cluster.replicas[1], &Person::editor("ben"), &room).await;
    let mut list = List::of(&joined);
    list.follow("anna", &mut b, |list| list.has_user("anna")).await;
    (cluster, room, a, b, list)
}

#[actix_web::test]
async fn the_people_of_a_replica_that_dies_are_gone_within_ten_seconds() {
    let (cluster, room, a, mut b, mut list) = two(&[Whim::Honest; 3]).await;
    let died = Instant::now();
    cluster.replicas[0].bus.set(Whim::Silent);
    list.follow("anna's end", &mut b, |list| !list.has_user("anna")).await;
    assert!(died.elapsed() < BOUND, "gone after {:?}", died.elapsed());
    assert_eq!(cluster.replicas[1].participants(&room).await, [b.session()]);
    // Nor does a room that begins now find them.
    until("the third to notice", async || {
        (cluster.replicas[2].participants(&room).await == [b.session()]).then_some(())
    })
    .await;
    assert!(died.elapsed() < BOUND, "gone after {:?}", died.elapsed());
    drop(a);
}

#[actix_web::test]
async fn a_replica_that_begins_after_a_death_shows_nobody_of_the_dead_for_long() {
    let (cluster, room, _a, b, _) = two(&[Whim::Honest; 2]).await;
    let died = Instant::now();
    cluster.replicas[0].bus.set(Whim::Silent);
    let late = cluster.replica(Whim::Honest, kyo_collaboration::time::Clock::system()).await;
    until("the dead to be gone", async || {
        (late.participants(&room).await == [b.session()]).then_some(())
    })
    .await;
    assert!(died.elapsed() < BOUND, "gone after {:?}", died.elapsed());
}

#[actix_web::test]
async fn the_people_of_a_replica_that_drains_are_gone_with_it() {
    let (mut cluster, room, a, mut b, mut list) = two(&[Whim::Honest; 2]).await;
    let draining = actix_web::rt::spawn(cluster.replicas.remove(0).app.drain(Notice::Terminate));
    // A client that is let go and does not come back.
    let leaving = actix_web::rt::spawn(async move {
        let mut a = a;
        a.ended().await
    });
    within("the drain", draining).await.expect("it drains");
    let left = Instant::now();
    list.follow("anna's end", &mut b, |list| !list.has_user("anna")).await;
    assert!(left.elapsed() < SILENCE, "nobody told: {:?}", left.elapsed());
    assert_eq!(cluster.replicas[0].participants(&room).await, [b.session()]);
    leaving.await.expect("it was closed");
}

#[actix_web::test]
async fn the_people_of_a_replica_that_stood_still_are_back_once_it_wakes() {
    let (cluster, room, a, mut b, mut list) = two(&[Whim::Honest; 2]).await;
    cluster.replicas[0].bus.set(Whim::Silent);
    list.follow("anna's end", &mut b, |list| !list.has_user("anna")).await;
    cluster.replicas[0].bus.set(Whim::Honest);
    list.follow("anna's return", &mut b, |list| list.has_user("anna")).await;
    let mut both = [a.session(), b.session()];
    both.sort_unstable();
    assert_eq!(cluster.replicas[1].participants(&room).await, both, "each once");
    until("ben's return", async || {
        (cluster.replicas[0].participants(&room).await == both).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn without_the_bus_editing_goes_on_lists_are_local_and_all_is_back_with_it() {
    let (cluster, room, mut a, mut b, mut list) = two(&[Whim::Honest; 2]).await;
    let joined = b.join(&room).await;
    let mut copy = Replica::of(&joined);
    let lost = Instant::now();
    for replica in &cluster.replicas {
        replica.bus.set(Whim::Down);
    }
    a.acked(&room, Class::new("Yoga", 0).create()).await;
    copy.follow(&mut b, 1).await;
    list.follow("anna's end", &mut b, |list| !list.has_user("anna")).await;
    assert!(lost.elapsed() < BOUND, "gone after {:?}", lost.elapsed());
    b.acked(&room, Class::new("Spin", 1).create()).await;
    assert_eq!(cluster.replicas[0].metric("kyo_bus_link{link=\"down\"}").await, 1.0);
    // Somebody joins meanwhile, and is seen by all afterwards.
    let (c, _) = Client::enter(&cluster.replicas[0], &Person::editor("cleo"), &room).await;
    for replica in &cluster.replicas {
        replica.bus.set(Whim::Honest);
    }
    list.follow("everyone's return", &mut b, |list| list.has(a.session()) && list.has(c.session()))
        .await;
    assert_eq!(list.0.len(), 3, "{list:?}");
    until("the bus to be up", async || {
        (cluster.replicas[0].metric("kyo_bus_link{link=\"up\"}").await == 1.0).then_some(())
    })
    .await;
}
