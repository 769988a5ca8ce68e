//! One order: whoever edits, everybody folds the same gapless sequence.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{Class, Client, Person, Replica, Service, Settings, new_id};

const PEOPLE: usize = 20;
const EDITS: u32 = 12;

#[actix_web::test]
async fn twenty_people_editing_at_once_see_one_order_and_end_equal() {
    let service = Service::with(Settings::unhurried()).await;
    let room = service.room().await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        let person = Person::editor(&format!("editor-{n}"));
        let (client, joined) = Client::enter(&service, &person, &room).await;
        people.push((client, Replica::of(&joined)));
    }

    let shared = Class::new("Everybody's", 0);
    people[0].0.acked(&room, shared.create()).await;
    let edits = people.iter_mut().enumerate();
    let acked = join_all(edits.map(|(n, (client, _))| edit(client, &room, n, &shared))).await;
    let acked: BTreeSet<(u64, String)> = acked.into_iter().flatten().collect();

    let head = 1 + PEOPLE as u64 * u64::from(EDITS);
    join_all(people.iter_mut().map(|(client, replica)| replica.follow(client, head))).await;
    let (_, first) = &people[0];
    for (_, other) in &people[1..] {
        assert_eq!(first, other, "two members folded different sequences");
    }
    let logged = first.op_ids().into_iter().zip(1..).map(|(op, seq)| (seq, op)).collect();
    assert!(acked.is_subset(&logged), "an ack names a place in the order that is not so");
    assert_eq!(acked.len(), PEOPLE * EDITS as usize);
    let copy = first.clone();
    copy.assert_equals(&people[0].0.snapshot(&room, None).await);
}

/// Half of the edits are on the course that everybody has, half on courses of one's own; all are
/// sent before the first reply is awaited.
async fn edit(client: &mut Client, room: &str, who: usize, shared: &Class) -> Vec<(u64, String)> {
    let mut sent = Vec::new();
    for n in 0..EDITS {
        let op = match n % 2 {
            0 => shared.update(json!({"notes": format!("{who} was here {n} times")})),
            _ => Class::new("My own", who as u32 * EDITS + n).create(),
        };
        let op_id = new_id();
        let id = client.send("op", json!({"room": room, "opId": op_id, "op": op})).await;
        sent.push((id, op_id));
    }
    let mut acked = Vec::new();
    for (id, op_id) in sent {
        let ack = client.reply(id).await;
        assert_eq!((&ack["type"], &ack["opId"]), (&json!("ack"), &json!(op_id)), "{ack}");
        acked.push((ack["seq"].as_u64().expect("a committed ack has a seq"), op_id));
    }
    acked
}
