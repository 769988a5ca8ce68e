//! Both framings carry the same objects.

use serde_json::{Value, json};

use crate::support::{Class, Client, Framing, Person, Replica, Service};

#[actix_web::test]
async fn messagepack_and_json_clients_see_the_same_room() {
    let service = Service::start().await;
    let room = service.room().await;
    let emil = Person::editor("emil");
    let mut text = Client::connect_with(&service, &emil, Framing::Json).await;
    let mut binary = Client::connect_with(&service, &emil, Framing::MsgPack).await;
    assert_eq!(keys(&text.welcome), keys(&binary.welcome));
    let mut read = Replica::of(&text.join(&room).await);
    let mut unpacked = Replica::of(&binary.join(&room).await);

    let yoga = Class::new("Yoga für alle ✨", 1)
        .with("capacity", json!(20))
        .with("tags", json!(["früh", "ruhig"]))
        .with("color", json!("#00ff7f"));
    assert_eq!(text.acked(&room, yoga.create()).await["seq"], 1);
    assert_eq!(binary.acked(&room, yoga.update(json!({"capacity": null}))).await["seq"], 2);
    assert_eq!(binary.acked(&room, yoga.move_to(3)).await["seq"], 3);

    read.follow(&mut text, 3).await;
    unpacked.follow(&mut binary, 3).await;
    assert_eq!(read, unpacked);
    let said = text.snapshot(&room, None).await;
    let packed = binary.snapshot(&room, None).await;
    assert_eq!(said["state"], packed["state"]);
    read.assert_equals(&packed);
}

#[actix_web::test]
async fn refusals_look_the_same_in_both_framings() {
    let service = Service::start().await;
    let emil = Person::editor("emil");
    let mut text = Client::connect_with(&service, &emil, Framing::Json).await;
    let mut binary = Client::connect_with(&service, &emil, Framing::MsgPack).await;
    for (kind, fields) in [
        ("dance", json!({})),
        ("join", json!({"room": "nowhere"})),
        ("join", json!({"room": 7})),
        ("op", json!({"room": crate::support::new_id()})),
    ] {
        let said = text.request(kind, fields.clone()).await;
        assert_eq!(said["type"], "error", "{said}");
        assert_eq!(said, binary.request(kind, fields).await);
    }
}

fn keys(object: &Value) -> Vec<&String> {
    let mut keys: Vec<_> = object.as_object().expect("an object").keys().collect();
    keys.sort();
    keys
}
