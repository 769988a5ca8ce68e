//! What a role may do in a room.

use serde_json::json;

use crate::support::{Class, Client, Person, Service};

#[actix_web::test]
async fn a_viewer_sees_everything_and_changes_nothing() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut vera, joined) = Client::enter(&service, &Person::viewer("vera"), &room).await;
    assert_eq!(joined["role"], "viewer");
    vera.refused(&room, Class::new("Yoga", 0).create(), "forbidden").await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    assert_eq!(vera.expect("events").await["first"], 1);
    let lock = vera.request("lock", json!({"room": room, "courseId": "c"})).await;
    assert_eq!(lock["type"], "error", "{lock}");
}

#[actix_web::test]
async fn rules_are_set_by_owners_and_told_to_all() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let rules = json!({"staleEdits": "merge", "defaultOverlap": "warn"});
    let set = json!({"kind": "policy_set", "policy": rules});
    emil.refused(&room, set.clone(), "forbidden").await;
    olga.acked(&room, set).await;
    let frame = emil.expect("events").await;
    assert_eq!(frame["events"][0]["data"]["policy"], rules);
    emil.acked(&room, Class::new("Yoga", 0).trainer("tina").create()).await;
    let ack = emil.acked(&room, Class::new("Spin", 0).trainer("tina").create()).await;
    assert_eq!(ack["warnings"][0]["kind"], "trainer_overlap");
}

#[actix_web::test]
async fn an_operation_needs_a_joined_room() {
    let service = Service::start().await;
    let room = service.room().await;
    let mut emil = Client::connect(&service, &Person::editor("emil")).await;
    emil.refused(&room, Class::new("Yoga", 0).create(), "forbidden").await;
}

#[actix_web::test]
async fn the_member_list_outranks_the_tenant_role() {
    let service = Service::start().await;
    let room = service.room().await;
    let path = format!("/api/collaboration/v1/rooms/{room}/members/vera");
    let olga = service.rest(&Person::owner("olga"));
    let answer = olga.put(&path, &json!({"role": "editor"})).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let (mut vera, joined) = Client::enter(&service, &Person::viewer("vera"), &room).await;
    assert_eq!(joined["role"], "editor");
    vera.acked(&room, Class::new("Yoga", 0).create()).await;
}
