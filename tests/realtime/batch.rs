//! A batch is all or nothing: one event, one unit of undo.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service};

#[actix_web::test]
async fn one_bad_part_spoils_all_of_it() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    emil.acked(&room, yoga.create()).await;
    let fine = Class::new("Spin", 3).trainer("tina");
    let clash = Class::new("Boxing", 3).trainer("tina");
    let unknown = Class::new("Never made", 9);
    let broken = Class::new("", 9);
    emil.refused(&room, batch(&[fine.create(), clash.create()]), "conflict").await;
    emil.refused(&room, batch(&[fine.create(), unknown.delete()]), "not_found").await;
    emil.refused(&room, batch(&[fine.create(), broken.create()]), "invalid").await;
    let snapshot = emil.snapshot(&room, None).await;
    assert_eq!(snapshot["seq"], 1);
    assert_eq!(snapshot["state"]["courses"].as_array().map(Vec::len), Some(1));
}

#[actix_web::test]
async fn a_batch_is_one_event_and_one_undo() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let yoga = Class::new("Yoga", 0).trainer("tina");
    let spin = Class::new("Spin", 1).trainer("tina");
    emil.acked(&room, yoga.create()).await;
    // Each part is decided on the state that the part before it left: the two swap places.
    let swap = batch(&[yoga.move_to(9), spin.create(), spin.move_to(0), yoga.move_to(1)]);
    assert_eq!(emil.acked(&room, swap).await["seq"], 2);
    replica.follow(&mut emil, 2).await;
    assert_eq!(replica.log[1]["kind"], "batch");
    replica.assert_equals(&emil.snapshot(&room, None).await);

    assert_eq!(emil.acked(&room, json!({"kind": "undo"})).await["seq"], 3);
    replica.follow(&mut emil, 3).await;
    assert_eq!(replica.len(), 1);
    assert_eq!(replica.course(yoga.id())["startsAt"], crate::support::at(0));
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

#[actix_web::test]
async fn a_batch_has_at_most_a_hundred_parts() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let many: Vec<_> = (0..101).map(|hour| Class::new("Spin", hour).create()).collect();
    emil.refused(&room, batch(&many), "invalid").await;
    emil.acked(&room, batch(&many[..100])).await;
}

fn batch(ops: &[Value]) -> Value {
    json!({"kind": "batch", "ops": ops})
}
