//! What is changed beside the log, archive and roles, reaches the rooms of every replica.

use serde_json::json;

use crate::support::{Class, Client, Cluster, Person, Whim, until};

const ROOMS: &str = "/api/collaboration/v1/rooms";

#[actix_web::test]
async fn a_room_archived_on_one_replica_is_closed_on_all() {
    for whim in [Whim::Honest, Whim::Deaf] {
        let cluster = Cluster::with(&[whim; 2], |_| {}).await;
        let room = cluster.room().await;
        let (mut a, _) = Client::enter(&cluster.replicas[0], &Person::editor("a"), &room).await;
        let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::viewer("b"), &room).await;
        let founder = cluster.replicas[0].rest(&Person::owner("founder"));
        founder.delete(&format!("{ROOMS}/{room}")).await.expect(204);
        for client in [&mut a, &mut b] {
            let closed = client.expect("room_closed").await;
            assert_eq!((&closed["room"], &closed["reason"]), (&json!(room), &json!("archived")));
            let refused = client.request("join", json!({"room": room})).await;
            assert_eq!(refused["code"], "not_found", "{refused}");
        }
    }
}

#[actix_web::test]
async fn editing_until_the_room_is_archived_ends_in_answers_only() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("b"), &room).await;
    let founder = cluster.replicas[0].rest(&Person::owner("founder"));
    let mut sent = Vec::new();
    for n in 0..30 {
        let op = json!({"room": room, "opId": crate::support::new_id(),
            "op": Class::new("Yoga", n).create()});
        sent.push(b.send("op", op).await);
    }
    founder.delete(&format!("{ROOMS}/{room}")).await.expect(204);
    for id in sent {
        let reply = b.reply(id).await;
        let code = reply["code"].as_str().unwrap_or("ack");
        assert!(["ack", "not_found", "forbidden", "unavailable"].contains(&code), "{reply}");
    }
    assert_eq!(b.expect("room_closed").await["reason"], "archived");
}

#[actix_web::test]
async fn a_right_taken_back_on_one_replica_ends_on_all() {
    let cluster = Cluster::start(2).await;
    let room = cluster.room().await;
    let (mut b, _) = Client::enter(&cluster.replicas[1], &Person::editor("bob"), &room).await;
    b.acked(&room, Class::new("Yoga", 0).create()).await;
    let founder = cluster.replicas[0].rest(&Person::owner("founder"));
    let member = format!("{ROOMS}/{room}/members/bob");
    founder.put(&member, &json!({"role": "viewer"})).await.expect(200);
    let mut hour = 0;
    until("the right to end", async || {
        hour += 1;
        let reply = b.op(&room, Class::new("Yoga", hour).create()).await;
        (reply["code"] == "forbidden").then_some(())
    })
    .await;
}
