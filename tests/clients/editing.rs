//! Somebody who came by Socket.IO is a member like any other: the others can't tell the difference,
//! and what is seen from there is the same.

use serde_json::{Value, json};

use crate::guest::{Guest, operation};
use crate::kind::{Kind, Transport, with_every_client};
use crate::leaving::{gone, named};
use crate::support::{Class, Client, Person, Replica, Service, Settings, new_id, within};

/// An edit is acked, the guest and a native client see the same frames, and a repeat is a duplicate.
async fn edits_are_acked_and_seen_by_all_alike(kind: Kind, transport: Transport) {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut nele, joined) = Client::enter(&service, &Person::editor("nele"), &room).await;
    let mut native = Replica::of(&joined);
    let mut guest =
        Guest::connect(kind, transport, &service.address(), &Person::editor("gus")).await;
    let joined = guest.join(&room, None).await;
    let mut copy = Replica::of(&joined);
    assert_eq!(joined["role"], "editor");

    let yoga = Class::new("Yoga ☀ „früh“", 0).trainer("ines");
    nele.acked(&room, yoga.create()).await;
    let op_id = new_id();
    let first = guest.request("op", operation(&room, &op_id, &yoga.move_to(3))).await;
    assert_eq!((&first["type"], &first["seq"]), (&json!("ack"), &json!(2)), "{first}");
    assert_eq!(first["duplicate"], false);
    assert!(first.get("re").is_none(), "the acknowledgement needs no number: {first}");
    let again = guest.request("op", operation(&room, &op_id, &yoga.move_to(3))).await;
    assert_eq!((&again["seq"], &again["duplicate"]), (&json!(2), &json!(true)));
    let clash = guest.request("op", operation(&room, &new_id(), &clashing(&yoga))).await;
    assert_eq!((&clash["type"], &clash["code"]), (&json!("error"), &json!("conflict")));

    guest.follow(&mut copy, 2).await;
    native.follow(&mut nele, 2).await;
    assert_eq!(copy.log, native.log, "both were sent the same events");
    assert_eq!(copy.log[1]["sessionId"], guest.session());
    copy.assert_equals(&nele.snapshot(&room, None).await);
    let read = guest.request("snapshot", json!({"room": room})).await;
    assert_eq!(read["digest"], nele.snapshot(&room, None).await["digest"]);
}

fn clashing(class: &Class) -> Value {
    let other = Class::new("Spin", 3).trainer("ines");
    assert_ne!(other.id(), class.id());
    other.create()
}

/// Whatever a native colleague's presence, cursor and lock look like, the guest's look the same.
async fn others_cannot_tell_the_difference(kind: Kind, transport: Transport) {
    let service = Service::with(Settings::default().set("realtime.presence_grace_ms", 0)).await;
    let room = service.room().await;
    let (mut watcher, _) = Client::enter(&service, &Person::editor("wanda"), &room).await;
    let class = Class::new("Yoga", 0);
    watcher.acked(&room, class.create()).await;

    let (mut nele, _) = Client::enter(&service, &Person::editor("nele"), &room).await;
    let session = nele.session().to_owned();
    let moves = cursor(&room);
    nele.send("cursor_move", moves.clone()).await;
    let native = impression(&mut watcher, &session).await;
    let locked = nele.request("lock", json!({"room": room, "courseId": class.id()})).await;
    let held = watcher.expect("locks").await;
    nele.request("leave", json!({"room": room})).await;
    let left = gone(&mut watcher, &session).await;
    watcher.expect("locks").await;

    let mut guest =
        Guest::connect(kind, transport, &service.address(), &Person::editor("nele")).await;
    guest.join(&room, None).await;
    let session = guest.session().to_owned();
    guest.tell("cursor_move", &moves);
    assert_eq!(native, impression(&mut watcher, &session).await);
    let reply = guest.request("lock", json!({"room": room, "courseId": class.id()})).await;
    assert_eq!(keys(&reply), without_re(keys(&locked)));
    assert_eq!(keys(&watcher.expect("locks").await["held"][0]), keys(&held["held"][0]));
    guest.request("leave", json!({"room": room})).await;
    assert_eq!(left, gone(&mut watcher, &session).await);
}

/// The guest is told of others as a native client is: who is there, who moves, who goes.
async fn the_guest_sees_people_come_and_go(kind: Kind, transport: Transport) {
    let service = Service::with(Settings::default().set("realtime.presence_grace_ms", 0)).await;
    let room = service.room().await;
    let mut guest =
        Guest::connect(kind, transport, &service.address(), &Person::editor("gus")).await;
    guest.join(&room, None).await;
    let (mut nele, joined) = Client::enter(&service, &Person::editor("nele"), &room).await;
    let there = joined["participants"].as_array().expect("a list");
    assert!(there.iter().any(|one| one["userId"] == "gus"), "{joined}");
    let session = nele.session().to_owned();
    nele.send("cursor_move", cursor(&room)).await;
    let (mut came, mut moved, mut went) = (false, false, false);
    within("nele to come, move and go", async {
        while !went {
            let frame = guest.expect("presence").await;
            came |= named(&frame["joined"], &session).is_some();
            // A cursor that moved in the tick of the arrival comes with it.
            let cursors = [&frame["joined"], &frame["changed"]];
            moved |= cursors.iter().any(|list| list.to_string().contains("\"x\":12"));
            went |= named(&frame["left"], &session).is_some();
            if came && moved && !went {
                nele.request("leave", json!({"room": room})).await;
            }
        }
    })
    .await;
}

with_every_client!(edits_are_acked_and_seen_by_all_alike);
with_every_client!(others_cannot_tell_the_difference);
with_every_client!(the_guest_sees_people_come_and_go);

fn cursor(room: &str) -> Value {
    json!({"room": room, "x": 12, "y": 34, "componentId": "grid"})
}

/// A session as shown to others once it has a cursor: its participant without what is its own.
async fn impression(watcher: &mut Client, session: &str) -> Value {
    let mut shown = Value::Null;
    within("somebody with a cursor", async {
        loop {
            let frame = watcher.expect("presence").await;
            if let Some(one) = named(&frame["joined"], session) {
                shown = one.clone();
            }
            if let Some(one) = named(&frame["changed"], session) {
                shown["cursor"] = one["cursor"].clone();
            }
            if shown["cursor"]["x"] == 12.0 {
                let own = shown.as_object_mut().expect("a participant");
                assert!(own.remove("sessionId").is_some() && own.remove("joinedAt").is_some());
                return shown;
            }
        }
    })
    .await
}

fn keys(object: &Value) -> Vec<&String> {
    object.as_object().expect("an object").keys().collect()
}

fn without_re(mut keys: Vec<&String>) -> Vec<&String> {
    keys.retain(|key| *key != "re");
    keys
}
