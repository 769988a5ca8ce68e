//! No two courses of a tenant overlap on a trainer or studio where the rule says `forbid`: in one
//! room, across rooms, under any race.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, Settings, at};

#[actix_web::test]
async fn one_of_thirty_two_simultaneous_bookings_of_a_trainer_wins() {
    let service = Service::with(Settings::unhurried()).await;
    let rooms = [service.room().await, service.room().await];
    let mut clients = Vec::new();
    for n in 0..32 {
        let person = Person::editor(&format!("editor-{n}"));
        let room = &rooms[n % 2];
        clients.push((Client::enter(&service, &person, room).await.0, room));
    }
    let bookings = clients.iter_mut().map(|(client, room)| {
        let class = Class::new("Spin", 5).trainer("tina");
        async move { client.op(room, class.create()).await }
    });
    let replies = join_all(bookings).await;
    let acked = replies.iter().filter(|reply| reply["type"] == "ack").count();
    let refused = replies.iter().filter(|reply| reply["code"] == "conflict").count();
    assert_eq!((acked, refused), (1, 31), "{replies:?}");
}

#[actix_web::test]
async fn a_refusal_names_the_clash_and_offers_a_way_out() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let yoga = Class::new("Yoga", 1).trainer("tina").studio("loft");
    emil.acked(&room, yoga.create()).await;
    let spin = Class::new("Spin", 1).trainer("tina").studio("cellar");
    let error = emil.refused(&room, spin.create(), "conflict").await;

    let conflicts = error["details"]["conflicts"].as_array().expect("conflicts");
    assert_eq!(conflicts.len(), 1, "{error}");
    assert_eq!(conflicts[0]["kind"], "trainer_overlap");
    assert_eq!(conflicts[0]["resourceId"], "tina");
    assert!(names(&conflicts[0]).contains(&yoga.id().to_owned()), "{error}");
    let suggestions = error["details"]["suggestions"].as_array().map_or(0, Vec::len);
    assert!((1..=3).contains(&suggestions), "{error}");
    let way_out = &error["details"]["suggestions"][0];
    let mut op = spin.create();
    for field in ["startsAt", "endsAt", "trainerId", "studioId"] {
        if let Some(value) = way_out.get(field).filter(|value| !value.is_null()) {
            op["course"][field] = value.clone();
        }
    }
    emil.acked(&room, op).await;
}

#[actix_web::test]
async fn back_to_back_is_no_overlap_and_a_minute_more_is() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.join(&branch).await;
    emil.acked(&room, Class::new("Yoga", 1).trainer("tina").create()).await;
    emil.acked(&room, Class::new("Spin", 2).trainer("tina").create()).await;
    emil.acked(&branch, Class::new("Boxing", 3).trainer("tina").create()).await;
    let early = Class::new("Late", 3).trainer("tina").with("startsAt", json!(at(179)));
    emil.refused(&branch, early.create(), "conflict").await;
    emil.refused(&room, early.create(), "conflict").await;
}

#[actix_web::test]
async fn moving_into_another_rooms_booking_is_refused_and_freed_time_can_be_taken() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.join(&branch).await;
    let yoga = Class::new("Yoga", 1).studio("loft");
    let spin = Class::new("Spin", 4).studio("loft");
    emil.acked(&room, yoga.create()).await;
    emil.acked(&branch, spin.create()).await;
    emil.refused(&branch, spin.move_to(1), "conflict").await;
    emil.acked(&room, yoga.delete()).await;
    emil.acked(&branch, spin.move_to(1)).await;
    emil.refused(&room, Class::new("Yoga", 1).studio("loft").create(), "conflict").await;
}

#[actix_web::test]
async fn a_trainer_and_a_studio_of_the_same_name_do_not_clash() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Yoga", 1).trainer("42").create()).await;
    emil.acked(&room, Class::new("Spin", 1).studio("42").create()).await;
}

fn names(conflict: &Value) -> Vec<String> {
    let courses = conflict["courses"].as_array().expect("courses");
    courses.iter().filter_map(|one| one["courseId"].as_str().map(str::to_owned)).collect()
}
