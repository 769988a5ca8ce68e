//! P6: a replica that the bus tells nothing finds out by itself.

use serde_json::json;

use crate::support::{Class, Client, Cluster, Person, Replica, Whim};

#[actix_web::test]
async fn what_the_bus_lost_without_a_word_is_found_in_the_database() {
    let cluster = Cluster::with(&[Whim::Deaf, Whim::Honest], |_| {}).await;
    let room = cluster.room().await;
    let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (mut b, joined) = Client::enter(&cluster.replicas[1], &Person::viewer("b"), &room).await;
    let mut replica = Replica::of(&joined);
    for n in 0..3 {
        a.acked(&room, Class::new("Yoga", n).create()).await;
        replica.follow(&mut b, u64::from(n) + 1).await;
    }
    replica.assert_equals(&a.snapshot(&room, None).await);
}

/// The bus answers a burst while appends of the other side are on their way, so that news arrives
/// at every stage of an append; whichever comes last must not stay unheard.
#[actix_web::test]
async fn news_that_comes_during_an_append_is_not_forgotten() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (mut a, joined) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("b"), &room).await;
    let mut replicas = [Replica::of(&joined), Replica::of(&joined)];
    for round in 0..60_u32 {
        let mut sent = Vec::new();
        for n in 0..2 {
            let op = json!({"room": room, "opId": crate::support::new_id(),
                "op": Class::new("Yoga", round * 2 + n).create()});
            let client = if n == 0 { &mut a } else { &mut b };
            sent.push(client.send("op", op).await);
        }
        assert_eq!(a.reply(sent[0]).await["type"], "ack");
        assert_eq!(b.reply(sent[1]).await["type"], "ack");
        let head = u64::from(round + 1) * 2;
        replicas[0].follow(&mut a, head).await;
        replicas[1].follow(&mut b, head).await;
    }
    assert_eq!(replicas[0].log, replicas[1].log);
}
