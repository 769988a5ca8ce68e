//! An owner may commit over `forbid`, with a reason that everybody can read.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service};

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

fn overriding(mut op: Value) -> Value {
    op["override"] = json!({"reason": "two assistants help"});
    op
}
