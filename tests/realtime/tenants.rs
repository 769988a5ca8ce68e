//! Tenants are walls: what belongs to another one looks exactly like what does not exist.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, new_id};

#[actix_web::test]
async fn another_tenants_room_is_answered_like_none_over_the_socket() {
    let service = Service::start().await;
    let theirs = service.room_of("south").await;
    let (mut owner, _) = Client::enter(&service, &Person::owner("sam").of("south"), &theirs).await;
    owner.acked(&theirs, Class::new("Yoga", 0).create()).await;
    let op = Class::new("Spin", 3).create();
    for (kind, fields) in [
        ("join", json!({})),
        ("join", json!({"since": {"epoch": 1, "seq": 0}})),
        ("leave", json!({})),
        ("op", json!({"opId": new_id(), "op": op})),
        ("op", json!({"opId": new_id(), "op": op, "dryRun": true})),
        ("history", json!({"after": 0, "limit": 10})),
        ("snapshot", json!({})),
        ("snapshot", json!({"seq": 1})),
        ("lock", json!({"courseId": "c"})),
    ] {
        let real = ask(&service, kind, &fields, &theirs).await;
        for none in [new_id(), "no-uuid-at-all".to_owned()] {
            assert_eq!(real, ask(&service, kind, &fields, &none).await, "{kind} {fields}");
        }
    }
}

#[actix_web::test]
async fn another_tenants_room_is_answered_like_none_over_rest() {
    let service = Service::start().await;
    let theirs = service.room_of("south").await;
    let olga = service.rest(&Person::owner("olga"));
    let none = new_id();
    for tail in [
        "",
        "/snapshot",
        "/snapshot?seq=0",
        "/events?after=0",
        "/members",
        "/participants",
        "/calendar.ics",
    ] {
        let path = |room: &str| format!("/api/collaboration/v1/rooms/{room}{tail}");
        let real = olga.get(&path(&theirs)).await;
        let absent = olga.get(&path(&none)).await;
        assert_eq!(
            without_request(&real.expect(404)),
            without_request(&absent.expect(404)),
            "{tail}"
        );
    }
    let path = |room: &str| format!("/api/collaboration/v1/rooms/{room}/ops");
    let body = json!({"opId": new_id(), "op": Class::new("Spin", 0).create()});
    let real = olga.post(&path(&theirs), &body).await;
    let absent = olga.post(&path(&none), &body).await;
    assert_eq!(without_request(&real.expect(404)), without_request(&absent.expect(404)));
    let renamed = olga.patch(&path(&theirs).replace("/ops", ""), &json!({"name": "Mine"})).await;
    renamed.expect(404);
}

#[actix_web::test]
async fn the_same_trainer_id_in_two_tenants_is_two_trainers() {
    let service = Service::start().await;
    let (north, south) = (service.room().await, service.room_of("south").await);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &north).await;
    let (mut sam, _) = Client::enter(&service, &Person::editor("sam").of("south"), &south).await;
    emil.acked(&north, Class::new("Yoga", 0).trainer("tina").create()).await;
    sam.acked(&south, Class::new("Spin", 0).trainer("tina").create()).await;
    let rooms = service.rest(&Person::owner("olga")).get("/api/collaboration/v1/rooms").await;
    let rooms = rooms.expect(200);
    assert_eq!(rooms["items"].as_array().map(Vec::len), Some(1), "{rooms}");
}

/// The answer to a fresh connection's first request, as text; the room asked for is blanked, since
/// an answer may repeat what was asked.
async fn ask(service: &Service, kind: &str, fields: &Value, room: &str) -> String {
    let mut client = Client::connect(service, &Person::owner("olga")).await;
    let mut fields = fields.clone();
    fields["room"] = json!(room);
    let reply = client.request(kind, fields).await;
    reply.to_string().replace(room, "…")
}

fn without_request(body: &Value) -> Value {
    let mut body = body.clone();
    body["error"]["requestId"] = Value::Null;
    body
}
