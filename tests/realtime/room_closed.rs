//! A room that is archived is closed for everybody at once, and access that was lent ends when it
//! is taken back.

use serde_json::json;

use crate::support::{Class, Client, Person, Service, until};

#[actix_web::test]
async fn an_archived_room_is_closed_to_all() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    let path = format!("/api/collaboration/v1/rooms/{room}");
    let answer = service.rest(&Person::owner("olga")).delete(&path).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());

    let closed = emil.expect("room_closed").await;
    assert_eq!(closed["room"], room);
    assert!(closed["reason"].is_string(), "{closed}");
    let late = emil.op(&room, Class::new("Spin", 1).create()).await;
    assert_eq!(late["type"], "error", "{late}");
    let again = emil.request("join", json!({"room": room})).await;
    assert_eq!(again["type"], "error", "{again}");
}

#[actix_web::test]
async fn a_right_that_is_taken_back_ends_at_once() {
    let service = Service::start().await;
    let room = service.room().await;
    let path = format!("/api/collaboration/v1/rooms/{room}/members/vera");
    let olga = service.rest(&Person::owner("olga"));
    olga.put(&path, &json!({"role": "editor"})).await;
    let (mut vera, _) = Client::enter(&service, &Person::viewer("vera"), &room).await;
    vera.acked(&room, Class::new("Yoga", 0).create()).await;

    let answer = olga.delete(&path).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let mut hour = 1;
    until("her edits to be refused", async || {
        hour += 1;
        let reply = vera.op(&room, Class::new("Spin", hour).create()).await;
        (reply["code"] == "forbidden").then_some(())
    })
    .await;
}
