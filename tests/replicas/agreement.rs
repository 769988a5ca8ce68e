//! P3, P11: whoever writes where, and whatever the bus does, everyone sees one gapless order and
//! folds it to one state.

use serde_json::{Value, json};

use crate::support::{Class, Client, Cluster, Dice, Person, Replica, Whim, within};

/// Operations of each editor.
const OPERATIONS: usize = 40;
/// Editors on each replica.
const EDITORS: usize = 2;

#[actix_web::test]
async fn replicas_that_write_at_once_agree() {
    agree(&[Whim::Honest; 3]).await;
}

#[actix_web::test]
async fn replicas_agree_over_a_bus_that_loses_repeats_and_reorders() {
    agree(&[Whim::Wild(3), Whim::Wild(5), Whim::Wild(7)]).await;
}

#[actix_web::test]
async fn replicas_agree_without_hearing_each_other() {
    agree(&[Whim::Deaf; 2]).await;
}

async fn agree(whims: &[Whim]) {
    let cluster = Cluster::with(whims, |_| {}).await;
    let room = cluster.room().await;
    let mut people = Vec::new();
    for (at, replica) in cluster.replicas.iter().enumerate() {
        for n in 0..EDITORS {
            let who = Person::editor(&format!("editor-{at}-{n}"));
            let (client, joined) = Client::enter(replica, &who, &room).await;
            people.push((client, Replica::of(&joined), Dice::new((at * EDITORS + n) as u64 + 1)));
        }
    }
    let editing = people.drain(..).map(|(client, replica, dice)| edit(client, replica, dice));
    let edited: Vec<_> = futures_util::future::join_all(editing).await;
    let head = edited.iter().map(|(_, _, acked)| *acked).max().expect("someone edited");
    let mut logs = Vec::new();
    for (mut client, mut replica, _) in edited {
        within("everyone to hear the last event", replica.follow(&mut client, head)).await;
        replica.assert_equals(&client.snapshot(&room, None).await);
        logs.push(replica.log);
    }
    for log in &logs {
        assert!(*log == logs[0], "two members saw different orders");
    }
    for replica in &cluster.replicas {
        assert_eq!(replica.metric("kyo_digest_mismatches_total").await, 0.0);
    }
}

/// Edits at random and folds what comes; gives the highest sequence number that was acked.
async fn edit(mut client: Client, mut replica: Replica, mut dice: Dice) -> (Client, Replica, u64) {
    let mut acked = 0;
    for _ in 0..OPERATIONS {
        let op = operation(&replica, &mut dice);
        let reply = client.op(&replica.room.clone(), op).await;
        match reply["type"].as_str() {
            Some("ack") => acked = acked.max(reply["seq"].as_u64().expect("a number")),
            _ => check_refusal(&reply),
        }
        let pushes: Vec<_> = client.waiting().filter(|push| push["type"] == "events").collect();
        pushes.iter().for_each(|frame| replica.apply(frame));
    }
    (client, replica, acked)
}

fn operation(replica: &Replica, dice: &mut Dice) -> Value {
    let hour = dice.below(300) as u32;
    let ids: Vec<String> = replica.log.iter().filter_map(created).collect();
    if ids.is_empty() || dice.below(10) < 4 {
        return Class::new("Yoga", hour).trainer(["anna", "ben"][dice.below(2) as usize]).create();
    }
    let id = dice.pick(&ids).clone();
    let start = crate::support::at(hour * 60);
    match dice.below(10) {
        0 => json!({"kind": "course_delete", "courseId": id}),
        1 => json!({"kind": "undo"}),
        2..6 => json!({"kind": "course_move", "courseId": id, "startsAt": start}),
        _ => json!({"kind": "course_update", "courseId": id, "patch": {"capacity": hour + 1}}),
    }
}

fn created(event: &Value) -> Option<String> {
    event["data"]["course"]["id"].as_str().map(str::to_owned)
}

/// Only refusals that the rules know.
fn check_refusal(error: &Value) {
    let code = error["code"].as_str().unwrap_or_default();
    assert!(["conflict", "not_found", "stale", "invalid"].contains(&code), "{error}");
}
