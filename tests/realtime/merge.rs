//! Two people, one course: edits of different fields merge, edits of the same field do not pass
//! unseen.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, new_id};

#[actix_web::test]
async fn an_older_base_is_fine_as_long_as_nobody_changed_the_same_field() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let yoga = Class::new("Yoga", 0);
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, yoga.update(json!({"title": "Power yoga"}))).await;

    let notes = on_base(&room, 1, yoga.update(json!({"notes": "bring a mat"})));
    let merged = erna.request("op", notes).await;
    assert_eq!(merged["type"], "ack", "{merged}");

    let title = on_base(&room, 1, yoga.update(json!({"title": "Calm yoga"})));
    let stale = erna.request("op", title).await;
    assert_eq!(stale["code"], "stale", "{stale}");
    let current = stale["details"].to_string();
    assert!(current.contains("Power yoga") && current.contains("bring a mat"), "{stale}");

    let again = on_base(&room, 3, yoga.update(json!({"title": "Calm yoga"})));
    assert_eq!(erna.request("op", again).await["type"], "ack");
}

#[actix_web::test]
async fn a_move_and_a_new_title_merge_and_two_moves_do_not() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let yoga = Class::new("Yoga", 0);
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, yoga.move_to(5)).await;
    let titled = on_base(&room, 1, yoga.update(json!({"title": "Late yoga"})));
    assert_eq!(emil.request("op", titled).await["type"], "ack");
    let moved = on_base(&room, 1, yoga.move_to(7));
    assert_eq!(emil.request("op", moved).await["code"], "stale");
}

#[actix_web::test]
async fn a_strict_room_refuses_every_older_base() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    let strict = json!({"staleEdits": "strict", "defaultOverlap": "forbid"});
    olga.acked(&room, json!({"kind": "policy_set", "policy": strict})).await;
    let yoga = Class::new("Yoga", 0);
    olga.acked(&room, yoga.create()).await;
    olga.acked(&room, yoga.update(json!({"title": "Power yoga"}))).await;
    let notes = on_base(&room, 1, yoga.update(json!({"notes": "bring a mat"})));
    assert_eq!(olga.request("op", notes).await["code"], "stale");
    let notes = on_base(&room, 2, yoga.update(json!({"notes": "bring a mat"})));
    assert_eq!(olga.request("op", notes).await["type"], "ack");
}

fn on_base(room: &str, version: u64, op: Value) -> Value {
    json!({"room": room, "opId": new_id(), "op": op, "baseVersion": version})
}
