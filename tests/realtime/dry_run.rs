//! A dry run answers as the real thing would, and changes nothing.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, new_id};

#[actix_web::test]
async fn a_dry_run_tells_and_does_not_do() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let yoga = Class::new("Yoga", 0).trainer("tina");
    emil.acked(&room, yoga.create()).await;

    let op_id = new_id();
    let free = dry(&room, &op_id, yoga.move_to(3));
    let ack = emil.request("op", free).await;
    assert_eq!((&ack["type"], &ack["seq"]), (&json!("ack"), &Value::Null), "{ack}");
    assert_eq!(ack["warnings"], json!([]));
    let clash = Class::new("Spin", 0).trainer("tina").create();
    assert_eq!(emil.request("op", dry(&room, &new_id(), clash)).await["code"], "conflict");
    let nameless = Class::new("", 0).create();
    assert_eq!(emil.request("op", dry(&room, &new_id(), nameless)).await["code"], "invalid");

    let real = emil.op_named(&room, &op_id, yoga.move_to(3)).await;
    assert_eq!((&real["seq"], &real["duplicate"]), (&json!(2), &json!(false)), "{real}");
}

#[actix_web::test]
async fn a_dry_run_warns_where_the_rule_warns() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let tina = json!({"id": "tina", "kind": "trainer", "name": "Tina", "overlap": "warn"});
    emil.acked(&room, json!({"kind": "resource_upsert", "resource": tina})).await;
    emil.acked(&room, Class::new("Yoga", 0).trainer("tina").create()).await;
    let clash = Class::new("Spin", 0).trainer("tina").create();
    let ack = emil.request("op", dry(&room, &new_id(), clash)).await;
    assert_eq!((&ack["type"], &ack["seq"]), (&json!("ack"), &Value::Null), "{ack}");
    assert_eq!(ack["warnings"][0]["kind"], "trainer_overlap");
    let state = emil.snapshot(&room, None).await;
    assert_eq!((&state["seq"], &state["state"]["conflicts"]), (&json!(2), &json!([])));
}

fn dry(room: &str, op_id: &str, op: Value) -> Value {
    json!({"room": room, "opId": op_id, "op": op, "dryRun": true})
}
