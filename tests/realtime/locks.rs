//! A course that somebody holds is left alone by the others.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, within};

#[actix_web::test]
async fn a_held_course_is_refused_to_others_until_it_is_given_back() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, mut erna, yoga) = two_and_a_class(&service, &room).await;
    let held = locked(&mut emil, &room, &yoga, None).await;
    assert_eq!(held["courseId"], yoga.id(), "{held}");
    let seen = erna.expect("locks").await;
    assert_eq!(seen["held"][0]["courseId"], yoga.id());
    assert_eq!(seen["held"][0]["userId"], "emil");

    let refused = erna.refused(&room, yoga.move_to(3), "locked").await;
    assert!(refused["details"].to_string().contains("emil"), "names the holder: {refused}");
    assert_eq!(lock(&mut erna, &room, &yoga, None).await["code"], "locked");
    emil.acked(&room, yoga.move_to(4)).await;

    let (_, joined) = Client::enter(&service, &Person::editor("late"), &room).await;
    assert_eq!(joined["locks"][0]["courseId"], yoga.id(), "{joined}");
    let back = json!({"room": room, "courseId": yoga.id(), "token": held["token"]});
    emil.send("unlock", back).await;
    released(&mut erna, &yoga).await;
    erna.acked(&room, yoga.move_to(5)).await;
}

#[actix_web::test]
async fn a_lock_ends_with_its_time() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, mut erna, yoga) = two_and_a_class(&service, &room).await;
    locked(&mut emil, &room, &yoga, Some(1_000)).await;
    released(&mut erna, &yoga).await;
    erna.acked(&room, yoga.move_to(5)).await;
}

#[actix_web::test]
async fn a_lock_ends_with_its_session() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, mut erna, yoga) = two_and_a_class(&service, &room).await;
    locked(&mut emil, &room, &yoga, Some(300_000)).await;
    drop(emil);
    released(&mut erna, &yoga).await;
    erna.acked(&room, yoga.move_to(5)).await;
}

#[actix_web::test]
async fn a_lock_taken_again_has_a_higher_token() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, mut erna, yoga) = two_and_a_class(&service, &room).await;
    let first = locked(&mut emil, &room, &yoga, None).await["token"].clone();
    emil.send("unlock", json!({"room": room, "courseId": yoga.id(), "token": first})).await;
    released(&mut erna, &yoga).await;
    let second = locked(&mut erna, &room, &yoga, None).await["token"].clone();
    assert!(second.as_u64() > first.as_u64(), "{second} after {first}");

    // The old token opens nothing any more.
    emil.send("unlock", json!({"room": room, "courseId": yoga.id(), "token": first})).await;
    emil.refused(&room, yoga.move_to(3), "locked").await;
}

async fn two_and_a_class(service: &Service, room: &str) -> (Client, Client, Class) {
    let (mut emil, _) = Client::enter(service, &Person::editor("emil"), room).await;
    let (erna, _) = Client::enter(service, &Person::editor("erna"), room).await;
    let yoga = Class::new("Yoga", 0);
    emil.acked(room, yoga.create()).await;
    (emil, erna, yoga)
}

async fn locked(client: &mut Client, room: &str, class: &Class, ttl_ms: Option<u64>) -> Value {
    let locked = lock(client, room, class, ttl_ms).await;
    assert_eq!(locked["type"], "locked", "{locked}");
    locked
}

async fn lock(client: &mut Client, room: &str, class: &Class, ttl_ms: Option<u64>) -> Value {
    let fields = json!({"room": room, "courseId": class.id(), "ttlMs": ttl_ms});
    client.request("lock", fields).await
}

async fn released(client: &mut Client, class: &Class) {
    within("the lock's release", async {
        loop {
            let frame = client.expect("locks").await;
            let ids = frame["released"].as_array().cloned().unwrap_or_default();
            if ids.contains(&json!(class.id())) {
                return;
            }
        }
    })
    .await;
}
