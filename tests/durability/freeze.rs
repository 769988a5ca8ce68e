//! A process that was stopped and woken up goes on where it was.

use serde_json::json;

use crate::support::{Class, Client, Person, Replica, Service, Settings, new_id};

#[actix_web::test]
async fn what_was_sent_to_a_frozen_service_is_done_when_it_wakes_up() {
    let service = Service::with(Settings::unhurried()).await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    service.signal("STOP");
    let mut sent = Vec::new();
    for hour in 0..20 {
        let message =
            json!({"room": room, "opId": new_id(), "op": Class::new("Spin", hour).create()});
        sent.push(emil.send("op", message).await);
    }
    service.signal("CONT");
    for (id, seq) in sent.into_iter().zip(1..) {
        let ack = emil.reply(id).await;
        assert_eq!((&ack["type"], &ack["seq"]), (&json!("ack"), &json!(seq)), "{ack}");
    }
    replica.follow(&mut emil, 20).await;
    replica.assert_equals(&emil.snapshot(&room, None).await);
}
