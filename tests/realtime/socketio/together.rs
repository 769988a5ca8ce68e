//! Members on both transports in one room.

use serde_json::{Value, json};

use crate::support::{Class, Client, Framing, Person, Replica, Service, Settings};

/// What somebody looks like to others, whoever it is.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

#[actix_web::test]
async fn members_on_both_transports_cant_be_told_apart() {
    let settings = Settings::default().set("realtime.presence_grace_ms", 0);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let watcher = Person::viewer("watcher");
    let mut watcher = Client::connect_with(&service, &watcher, Framing::Json).await;
    let joined = watcher.join(&room).await;
    let mut replica = Replica::of(&joined);
    let mut seen = Vec::new();
    for (hour, framing) in [(0, Framing::Json), (5, Framing::SocketIo)] {
        let mut shapes = Vec::new();
        let mut emil = Client::connect_with(&service, &Person::editor("emil"), framing).await;
        emil.join(&room).await;
        shapes.push(watcher.expect("presence").await);
        let yoga = Class::new("Yoga", hour);
        let ack = emil.acked(&room, yoga.create()).await;
        shapes.push(shape(&ack));
        shapes.push(watcher.expect("events").await);
        replica.apply(&shapes[2]);
        emil.send("cursor_move", json!({"room": room, "x": 1, "y": 2})).await;
        shapes.push(watcher.expect("presence").await);
        let lock = json!({"room": room, "courseId": yoga.id()});
        let locked = emil.request("lock", lock).await;
        shapes.push(shape(&locked));
        shapes.push(watcher.expect("locks").await);
        let gone = emil.request("leave", json!({"room": room})).await;
        shapes.push(gone);
        shapes.push(watcher.expect("locks").await);
        shapes.push(watcher.expect("presence").await);
        seen.push(shapes.iter().map(shape).collect::<Vec<_>>());
    }
    for shape in seen.iter_mut().flatten() {
        // A reply's number is in the message or in the acknowledgement's head: the client's business.
        shape.as_object_mut().expect("an object").remove("re");
    }
    assert_eq!(seen[0], seen[1]);
    replica.assert_equals(&watcher.snapshot(&room, None).await);
}
