//! What may overlap is data of each trainer and studio.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service};

#[actix_web::test]
async fn warned_overlaps_are_committed_reported_and_resolved() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, resource("tina", "trainer", json!({"overlap": "warn"}))).await;
    emil.acked(&room, Class::new("Yoga", 0).trainer("tina").create()).await;
    let spin = Class::new("Spin", 0).trainer("tina");
    let ack = emil.acked(&room, spin.create()).await;
    let warned = ack["warnings"][0]["id"].as_str().expect("a warning").to_owned();

    replica.follow(&mut emil, 3).await;
    assert_eq!(replica.standing_conflicts().into_iter().collect::<Vec<_>>(), [warned.as_str()]);
    replica.assert_equals(&emil.snapshot(&room, None).await);
    emil.acked(&room, spin.move_to(5)).await;
    replica.follow(&mut emil, 4).await;
    assert!(replica.standing_conflicts().is_empty());
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

#[actix_web::test]
async fn allowed_overlaps_are_nobodys_business() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, resource("floor", "studio", json!({"overlap": "allow"}))).await;
    for title in ["Yoga", "Spin", "Boxing"] {
        let ack = emil.acked(&room, Class::new(title, 0).studio("floor").create()).await;
        assert_eq!(ack["warnings"], json!([]));
    }
}

#[actix_web::test]
async fn a_buffer_keeps_its_minutes_free() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let rules = json!({"overlap": "forbid", "bufferMinutes": 15});
    emil.acked(&room, resource("loft", "studio", rules)).await;
    emil.acked(&room, Class::new("Yoga", 0).studio("loft").create()).await;
    emil.refused(&room, Class::new("Spin", 1).studio("loft").create(), "conflict").await;
    emil.acked(&room, Class::new("Spin", 2).studio("loft").create()).await;
}

#[actix_web::test]
async fn a_class_too_big_for_its_studio_is_reported() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let rules = json!({"overlap": "forbid", "capacity": 10});
    emil.acked(&room, resource("loft", "studio", rules)).await;
    let big = Class::new("Yoga", 0).studio("loft").with("capacity", json!(30));
    let ack = emil.acked(&room, big.create()).await;
    assert_eq!(ack["warnings"][0]["kind"], "capacity_exceeded", "{ack}");
}

#[actix_web::test]
async fn a_resource_in_use_stays() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let gone = json!({"kind": "resource_delete", "resourceId": "loft"});
    emil.acked(&room, resource("loft", "studio", json!({"overlap": "forbid"}))).await;
    let yoga = Class::new("Yoga", 0).studio("loft");
    emil.acked(&room, yoga.create()).await;
    let error = emil.op(&room, gone.clone()).await;
    assert_eq!(error["type"], "error", "{error}");
    emil.acked(&room, yoga.delete()).await;
    emil.acked(&room, gone).await;
    replica.follow(&mut emil, 4).await;
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

fn resource(id: &str, kind: &str, rules: Value) -> Value {
    let mut resource = rules;
    resource["id"] = json!(id);
    resource["kind"] = json!(kind);
    resource["name"] = json!(id);
    json!({"kind": "resource_upsert", "resource": resource})
}
