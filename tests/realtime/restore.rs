//! Going back to an earlier state is itself an operation, and the owner's alone.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service};

#[actix_web::test]
async fn a_restore_makes_the_state_equal_to_an_earlier_one() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut olga, joined) = Client::enter(&service, &Person::owner("olga"), &room).await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    let (yoga, spin) = (Class::new("Yoga", 0), Class::new("Spin", 1));
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, spin.create()).await;
    let wanted = emil.snapshot(&room, Some(2)).await;
    emil.acked(&room, yoga.delete()).await;
    emil.acked(&room, spin.update(json!({"title": "Spinning", "notes": "loud"}))).await;
    emil.acked(&room, Class::new("Boxing", 2).create()).await;

    emil.refused(&room, json!({"kind": "restore", "seq": 2}), "forbidden").await;
    assert_eq!(olga.acked(&room, json!({"kind": "restore", "seq": 2})).await["seq"], 6);
    replica.follow(&mut olga, 6).await;
    let restored = olga.snapshot(&room, None).await;
    replica.assert_equals(&restored);
    assert_eq!(set_by_people(&restored), set_by_people(&wanted));
    let beyond = olga.op(&room, json!({"kind": "restore", "seq": 99})).await;
    assert_eq!(beyond["type"], "error", "{beyond}");
}

/// The courses without the bookkeeping, which goes on counting.
fn set_by_people(snapshot: &Value) -> Vec<Value> {
    let mut courses = snapshot["state"]["courses"].as_array().expect("courses").clone();
    for course in &mut courses {
        let course = course.as_object_mut().expect("a course");
        for bookkeeping in ["version", "createdBy", "updatedBy", "updatedAt"] {
            course.remove(bookkeeping);
        }
    }
    courses
}
