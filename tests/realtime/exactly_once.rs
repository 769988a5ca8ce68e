//! One `opId` takes effect at most once, however often and wherever it is sent.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service, Settings, new_id};

#[actix_web::test]
async fn a_repeat_gets_the_first_ack_on_every_path() {
    let mut service = Service::start().await;
    let room = service.room().await;
    let emil = Person::editor("emil");
    let (op_id, create) = (new_id(), Class::new("Yoga", 0).create());

    let (mut client, joined) = Client::enter(&service, &emil, &room).await;
    let first = client.op_named(&room, &op_id, create.clone()).await;
    assert_eq!((&first["seq"], &first["duplicate"]), (&json!(1), &json!(false)), "{first}");
    let repeat = client.op_named(&room, &op_id, create.clone()).await;
    assert_repeat(&repeat, 1);

    let (mut other, _) = Client::enter(&service, &emil, &room).await;
    assert_repeat(&other.op_named(&room, &op_id, create.clone()).await, 1);

    let path = format!("/api/collaboration/v1/rooms/{room}/ops");
    let body = json!({"opId": op_id, "op": create});
    let again = service.rest(&emil).post(&path, &body).await.expect(200);
    assert_eq!((&again["seq"], &again["duplicate"]), (&json!(1), &json!(true)), "{again}");

    service.kill();
    service.restart().await;
    let (mut client, rejoined) = Client::enter(&service, &emil, &room).await;
    assert_repeat(&client.op_named(&room, &op_id, create).await, 1);
    assert_eq!(rejoined["epoch"], joined["epoch"], "a restart is no new history");
    assert_eq!(Replica::of(&rejoined).len(), 1);
}

#[actix_web::test]
async fn the_same_operation_sent_by_many_at_once_takes_effect_once() {
    let service = Service::with(Settings::unhurried()).await;
    let room = service.room().await;
    let (op_id, create) = (new_id(), Class::new("Yoga", 0).create());
    let mut clients = Vec::new();
    for _ in 0..8 {
        clients.push(Client::enter(&service, &Person::editor("emil"), &room).await.0);
    }
    let tries = clients.iter_mut().map(|client| pipelined(client, &room, &op_id, &create));
    let acks: Vec<Value> = join_all(tries).await.into_iter().flatten().collect();
    assert!(acks.iter().all(|ack| ack["type"] == "ack" && ack["seq"] == 1), "{acks:?}");
    let firsts = acks.iter().filter(|ack| ack["duplicate"] == false).count();
    assert_eq!((firsts, acks.len()), (1, 32), "exactly one is the first");
    assert_eq!(clients[0].acked(&room, Class::new("Spin", 1).create()).await["seq"], 2);
}

#[actix_web::test]
async fn an_operation_id_belongs_to_its_room() {
    let service = Service::start().await;
    let (room, elsewhere) = (service.room().await, service.room().await);
    let op_id = new_id();
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.join(&elsewhere).await;
    emil.op_named(&room, &op_id, Class::new("Yoga", 0).create()).await;
    let ack = emil.op_named(&elsewhere, &op_id, Class::new("Yoga", 9).create()).await;
    assert_eq!((&ack["seq"], &ack["duplicate"]), (&json!(1), &json!(false)), "an opId is a room's");
}

async fn pipelined(client: &mut Client, room: &str, op_id: &str, op: &Value) -> Vec<Value> {
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(client.send("op", json!({"room": room, "opId": op_id, "op": op})).await);
    }
    let mut replies = Vec::new();
    for id in ids {
        replies.push(client.reply(id).await);
    }
    replies
}

fn assert_repeat(ack: &Value, seq: u64) {
    assert_eq!(ack["type"], "ack", "{ack}");
    assert_eq!((&ack["seq"], &ack["duplicate"]), (&json!(seq), &json!(true)), "{ack}");
}
