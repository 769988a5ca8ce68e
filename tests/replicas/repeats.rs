//! P2 across replicas: one operation, one effect, and all but one of its acks are repeats.

use serde_json::json;

use crate::support::{Class, Client, Cluster, Person, Whim, new_id};

const ROUNDS: u32 = 40;

#[actix_web::test]
async fn an_operation_sent_to_two_replicas_at_once_takes_effect_once_and_is_one_repeat() {
    for whims in [[Whim::Honest; 2], [Whim::Deaf; 2]] {
        let cluster = Cluster::with(&whims, |_| {}).await;
        let room = cluster.room().await;
        let who = Person::editor("anna");
        let (mut a, _) = Client::enter(&cluster.replicas[0], &who, &room).await;
        let (mut b, _) = Client::enter(&cluster.replicas[1], &who, &room).await;
        for round in 0..ROUNDS {
            let (op_id, op) = (new_id(), Class::new("Yoga", round).create());
            let (one, two) = futures_util::future::join(
                a.op_named(&room, &op_id, op.clone()),
                b.op_named(&room, &op_id, op),
            )
            .await;
            assert_eq!((&one["type"], &two["type"]), (&json!("ack"), &json!("ack")), "{one} {two}");
            assert_eq!((&one["seq"], &two["seq"]), (&json!(round + 1), &json!(round + 1)));
            assert!(one["duplicate"] != two["duplicate"], "one is a repeat: {one} {two}");
        }
    }
}

#[actix_web::test]
async fn the_same_holds_for_rest() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let path = format!("/api/collaboration/v1/rooms/{room}/ops");
    let rests = [0, 1].map(|n| cluster.replicas[n].rest(&Person::editor("anna")));
    for round in 0..ROUNDS {
        let body = json!({"opId": new_id(), "op": Class::new("Yoga", round).create()});
        let sent = rests.iter().map(|rest| rest.post(&path, &body));
        let answers = futures_util::future::join_all(sent).await;
        let acks: Vec<_> = answers.iter().map(|answer| answer.expect(200)).collect();
        assert_eq!(acks[0]["seq"], acks[1]["seq"], "{acks:?}");
        let repeats = acks.iter().filter(|ack| ack["duplicate"] == true).count();
        assert_eq!(repeats, 1, "{acks:?}");
    }
}

/// A replica that is behind must not judge by what it remembers: the operation may be in what it has
/// not heard of, and a repeat gets the first answer.
#[actix_web::test]
async fn a_repeat_at_a_replica_that_is_behind_is_acknowledged_not_refused() {
    let cluster = Cluster::with(&[Whim::Deaf; 2], |_| {}).await;
    let anna = Person::editor("anna");
    let rests = [0, 1].map(|n| cluster.replicas[n].rest(&anna));
    for round in 0..ROUNDS {
        let room = cluster.room().await;
        let (_kept, _) = Client::enter(&cluster.replicas[1], &anna, &room).await;
        let path = format!("/api/collaboration/v1/rooms/{room}/ops");
        let class = Class::new("Yoga", round);
        let delete = json!({"opId": new_id(), "op": class.delete()});
        rests[0].post(&path, &json!({"opId": new_id(), "op": class.create()})).await.expect(200);
        rests[0].post(&path, &delete).await.expect(200);
        let repeat = rests[1].post(&path, &delete).await.expect(200);
        assert_eq!((&repeat["seq"], &repeat["duplicate"]), (&json!(2), &json!(true)), "{repeat}");
    }
}
