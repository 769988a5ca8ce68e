//! Undo takes back one's own, as a new operation, and never a colleague's.

use serde_json::json;

use crate::support::{Class, Client, Person, Replica, Service, at, new_id};

#[actix_web::test]
async fn undo_and_redo_walk_through_ones_own_operations() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let yoga = Class::new("Yoga", 0);
    let moved = new_id();
    emil.acked(&room, yoga.create()).await;
    emil.op_named(&room, &moved, yoga.move_to(4)).await;
    let undone = new_id();
    emil.op_named(&room, &undone, json!({"kind": "undo"})).await;
    replica.follow(&mut emil, 3).await;
    assert_eq!(replica.course(yoga.id())["startsAt"], at(0));
    assert_eq!(replica.log[2]["undoes"], json!(moved));
    assert_eq!(replica.log[2]["kind"], "course_move");

    emil.acked(&room, json!({"kind": "redo"})).await;
    replica.follow(&mut emil, 4).await;
    assert_eq!(replica.course(yoga.id())["startsAt"], at(240));
    assert_eq!(replica.log[3]["undoes"], json!(undone));

    emil.acked(&room, json!({"kind": "undo"})).await;
    emil.acked(&room, json!({"kind": "undo"})).await;
    replica.follow(&mut emil, 6).await;
    assert_eq!(replica.len(), 0);
    replica.assert_equals(&emil.snapshot(&room, None).await);
    let nothing_left = emil.op(&room, json!({"kind": "undo"})).await;
    assert_eq!(nothing_left["type"], "error", "{nothing_left}");
}

#[actix_web::test]
async fn a_deleted_course_comes_back_whole() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let yoga = Class::new("Yoga", 0).trainer("tina").with("notes", json!("bring a mat"));
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, yoga.delete()).await;
    emil.acked(&room, json!({"kind": "undo"})).await;
    replica.follow(&mut emil, 3).await;
    let back = replica.course(yoga.id());
    assert_eq!((&back["notes"], &back["trainerId"]), (&json!("bring a mat"), &json!("tina")));
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

#[actix_web::test]
async fn a_colleagues_later_change_is_not_overwritten() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let yoga = Class::new("Yoga", 0);
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, yoga.update(json!({"title": "Emil's yoga"}))).await;
    erna.acked(&room, yoga.update(json!({"title": "Erna's yoga"}))).await;
    let refused = emil.op(&room, json!({"kind": "undo"})).await;
    assert_eq!(refused["type"], "error", "{refused}");
    assert!(!refused["message"].as_str().unwrap_or_default().is_empty(), "{refused}");

    // Her change is hers to take back; then his is the newest again.
    erna.acked(&room, json!({"kind": "undo"})).await;
    emil.acked(&room, json!({"kind": "undo"})).await;
    let snapshot = emil.snapshot(&room, None).await;
    assert_eq!(snapshot["state"]["courses"][0]["title"], "Yoga");
}

#[actix_web::test]
async fn undo_is_checked_against_todays_bookings() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, yoga.move_to(5)).await;
    erna.acked(&room, Class::new("Spin", 0).trainer("tina").create()).await;
    emil.refused(&room, json!({"kind": "undo"}), "conflict").await;
}

#[actix_web::test]
async fn a_named_operation_can_be_undone_out_of_order() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let (yoga, spin, first) = (Class::new("Yoga", 0), Class::new("Spin", 1), new_id());
    emil.op_named(&room, &first, yoga.create()).await;
    emil.acked(&room, spin.create()).await;
    emil.acked(&room, json!({"kind": "undo", "opId": first})).await;
    replica.follow(&mut emil, 3).await;
    assert!(replica.course(yoga.id()).is_null() && !replica.course(spin.id()).is_null());
}
