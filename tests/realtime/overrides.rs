//! An owner may commit over `forbid`, with a reason that everybody can read.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service, at, new_id};

#[actix_web::test]
async fn only_an_owner_overrides_and_the_reason_is_part_of_the_event() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut olga, joined) = Client::enter(&service, &Person::owner("olga"), &room).await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, Class::new("Yoga", 0).trainer("tina").create()).await;
    let spin = Class::new("Spin", 0).trainer("tina");
    emil.refused(&room, overriding(spin.create()), "forbidden").await;
    olga.refused(&room, spin.create(), "conflict").await;
    olga.acked(&room, overriding(spin.create())).await;

    replica.follow(&mut olga, 2).await;
    assert_eq!(replica.log[1]["override"]["reason"], "two assistants help");
    assert_eq!(replica.standing_conflicts().len(), 1);
    replica.assert_equals(&olga.snapshot(&room, None).await);
}

#[actix_web::test]
async fn a_needless_override_still_keeps_other_rooms_out() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    let ack = olga.acked(&room, overriding(Class::new("Yoga", 0).trainer("tina").create())).await;
    assert_eq!(ack["warnings"], json!([]));
    olga.refused(&branch, Class::new("Spin", 0).trainer("tina").create(), "conflict").await;
}

#[actix_web::test]
async fn an_overridden_course_keeps_a_third_room_out() {
    let service = Service::start().await;
    let (room, branch, third) = (service.room().await, service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    olga.join(&third).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    olga.acked(&room, yoga.create()).await;
    olga.acked(&branch, overriding(Class::new("Spin", 0).trainer("tina").create())).await;
    olga.acked(&room, yoga.delete()).await;
    let boxing = Class::new("Boxing", 0).trainer("tina");
    olga.refused(&third, boxing.create(), "conflict").await;
    olga.refused(&room, yoga.create(), "conflict").await;
}

#[actix_web::test]
async fn moving_within_another_rooms_override_is_refused_and_other_edits_are_not() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    olga.acked(&room, yoga.create()).await;
    olga.acked(&branch, overriding(Class::new("Spin", 0).trainer("tina").create())).await;
    let later = json!({"kind": "course_move", "courseId": yoga.id(), "startsAt": at(30)});
    olga.refused(&room, later, "conflict").await;
    let hall =
        json!({"kind": "course_update", "courseId": yoga.id(), "patch": {"studioId": "loft"}});
    olga.acked(&room, hall).await;
    olga.acked(&room, yoga.move_to(3)).await;
}

#[actix_web::test]
async fn the_warnings_of_an_override_over_another_room_are_in_ack_event_and_repeat() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, joined) = Client::enter(&service, &Person::owner("olga"), &room).await;
    let mut replica = Replica::of(&joined);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &branch).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    emil.acked(&branch, yoga.create()).await;
    let spin = Class::new("Spin", 0).trainer("tina");

    let mut dry = json!({"room": room, "opId": new_id(), "op": overriding(spin.create())});
    dry["dryRun"] = json!(true);
    let told = olga.request("op", dry).await;
    assert_eq!((&told["type"], &told["seq"]), (&json!("ack"), &Value::Null), "{told}");
    assert_eq!(told["warnings"].as_array().map(Vec::len), Some(1), "{told}");

    let op_id = new_id();
    let ack = olga.op_named(&room, &op_id, overriding(spin.create())).await;
    let warning = &ack["warnings"][0];
    assert_eq!(warning["kind"], "trainer_overlap", "{ack}");
    let rooms: Vec<_> =
        warning["courses"].as_array().expect("courses").iter().map(|one| &one["room"]).collect();
    assert!(rooms.contains(&&json!(room)) && rooms.contains(&&json!(branch)), "{ack}");
    replica.follow(&mut olga, 1).await;
    assert_eq!(replica.log[0]["conflicts"]["detected"], ack["warnings"]);
    replica.assert_equals(&olga.snapshot(&room, None).await);
    let repeat = olga.op_named(&room, &op_id, overriding(spin.create())).await;
    assert_eq!((&repeat["duplicate"], &repeat["warnings"]), (&json!(true), &ack["warnings"]));

    olga.acked(&room, spin.move_to(4)).await;
    replica.follow(&mut olga, 2).await;
    assert!(replica.standing_conflicts().is_empty());
    replica.assert_equals(&olga.snapshot(&room, None).await);
}

#[actix_web::test]
async fn an_override_without_a_course_id_over_another_room_takes_effect() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    olga.acked(&branch, Class::new("Yoga", 0).trainer("tina").create()).await;
    let mut spin = Class::new("Spin", 0).trainer("tina").create();
    spin["course"].as_object_mut().expect("a course").remove("id");
    let ack = olga.acked(&room, overriding(spin)).await;
    assert_eq!(ack["warnings"].as_array().map(Vec::len), Some(1), "{ack}");
}

#[actix_web::test]
async fn a_conflict_with_another_room_shows_the_courses_without_their_buffers() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    let tina = json!({"id": "tina", "kind": "trainer", "name": "Tina", "overlap": "forbid",
        "bufferMinutes": 30});
    for at in [&room, &branch] {
        olga.acked(at, json!({"kind": "resource_upsert", "resource": tina})).await;
    }
    olga.acked(&branch, Class::new("Yoga", 0).trainer("tina").create()).await;
    let error =
        olga.refused(&room, Class::new("Spin", 1).trainer("tina").create(), "conflict").await;
    let courses = error["details"]["conflicts"][0]["courses"].as_array().expect("courses");
    for (room, ends_at) in [(&branch, at(60)), (&room, at(120))] {
        let found = courses.iter().find(|one| one["room"] == **room).expect("a side");
        assert_eq!(found["endsAt"], ends_at, "{error}");
    }
}

#[actix_web::test]
async fn an_override_over_more_bookings_than_the_store_names_at_once_takes_effect() {
    let service = Service::start().await;
    let (room, branch) = (service.room().await, service.room().await);
    let (mut olga, _) = Client::enter(&service, &Person::owner("olga"), &room).await;
    olga.join(&branch).await;
    let week = |title: &str| {
        let class = |hour| Class::new(title, hour).trainer("tina").create();
        json!({"kind": "batch", "ops": (0..50).map(class).collect::<Vec<_>>()})
    };
    olga.acked(&branch, week("Yoga")).await;
    let ack = olga.acked(&room, overriding(week("Spin"))).await;
    assert_eq!(ack["warnings"].as_array().map(Vec::len), Some(50), "{ack}");
}

fn overriding(mut op: Value) -> Value {
    op["override"] = json!({"reason": "two assistants help"});
    op
}
