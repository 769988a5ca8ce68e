//! P5 across rooms on different replicas: of two bookings of one trainer at one time, one wins.

use serde_json::{Value, json};

use crate::support::{Class, Client, Cluster, Person};

const ROUNDS: u32 = 40;

#[actix_web::test]
async fn a_trainer_is_not_booked_twice_by_rooms_on_different_replicas() {
    let cluster = Cluster::start(2).await;
    let rooms = [cluster.room().await, cluster.room().await];
    let who = Person::editor("anna");
    let (mut a, _) = Client::enter(&cluster.replicas[0], &who, &rooms[0]).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &who, &rooms[1]).await;
    for round in 0..ROUNDS {
        let class = |title| Class::new(title, round).trainer("tom");
        let one = a.op(&rooms[0], class("North").create());
        let two = b.op(&rooms[1], class("South").create());
        one_wins(&futures_util::future::join(one, two).await);
    }
}

#[actix_web::test]
async fn two_moves_into_one_gap_of_a_trainer_do_not_both_succeed() {
    let cluster = Cluster::start(2).await;
    let rooms = [cluster.room().await, cluster.room().await];
    let who = Person::editor("anna");
    let (mut a, _) = Client::enter(&cluster.replicas[0], &who, &rooms[0]).await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &who, &rooms[1]).await;
    let classes = [Class::new("North", 0).trainer("tom"), Class::new("South", 1).trainer("tom")];
    a.acked(&rooms[0], classes[0].create()).await;
    b.acked(&rooms[1], classes[1].create()).await;
    for round in 2..ROUNDS {
        let one = a.op(&rooms[0], classes[0].move_to(round));
        let two = b.op(&rooms[1], classes[1].move_to(round));
        one_wins(&futures_util::future::join(one, two).await);
    }
}

fn one_wins((one, two): &(Value, Value)) {
    let kinds = [one, two].map(|reply| reply["type"].clone());
    let acks = kinds.iter().filter(|kind| **kind == json!("ack")).count();
    assert_eq!(acks, 1, "{one}\n{two}");
    let refusal = if kinds[0] == "error" { one } else { two };
    assert_eq!(refusal["code"], "conflict", "{refusal}");
    assert_eq!(refusal["details"]["conflicts"][0]["resourceId"], "tom", "{refusal}");
}
