//! A replica is told to end while somebody edits through it: the library comes back by itself, to the
//! other replica, and what was acked is there.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::driver::Report;
use crate::guest::{Guest, operation};
use crate::kind::{Kind, Transport, with_every_client};
use crate::pair::{Balance, Pair};
use crate::support::{Class, Client, Person, Replica, new_id};

/// How long the editor thinks before the next edit. A pace, not a wait.
const THOUGHT: Duration = Duration::from_millis(20);
const SOME: usize = 10;

async fn an_editor_is_carried_over_to_the_other_replica(kind: Kind, transport: Transport) {
    let mut pair = Pair::start(Balance::Sticky).await;
    let room = pair.replicas[0].room().await;
    let mut editor = Editor::start(kind, transport, &pair, &room).await;
    for _ in 0..SOME {
        editor.edit().await;
    }
    let first = editor.guest.welcome["node"].clone();
    let leaving = pair.origin(&editor.guest.welcome).await;
    let staying = 1 - leaving;

    pair.replicas[leaving].signal("TERM");
    while editor.guest.welcome["node"] == first {
        editor.edit().await;
    }
    for _ in 0..SOME {
        editor.edit().await;
    }
    assert!(pair.replicas[leaving].exited().await.success(), "a drained service leaves cleanly");
    let told = editor.guest.expect("draining").await;
    assert!(told["reconnectAfterMs"].is_u64() && told["deadlineMs"].is_u64(), "{told}");
    let closing = editor.guest.expect("closing").await;
    assert_eq!((&closing["code"], &closing["reason"]), (&json!(1012), &json!("restart")));
    // After such a packet the official library stays away for good.
    assert!(!editor.guest.has_told(|report| {
        matches!(report, Report::Disconnected { reason } if reason == "io server disconnect")
    }));

    let (mut nele, _) =
        Client::enter(&pair.replicas[staying], &Person::viewer("nele"), &room).await;
    editor.judge(&mut nele).await;
}

with_every_client!(an_editor_is_carried_over_to_the_other_replica);

/// A guest who edits, comes back when the connection is lost, and repeats what had no answer.
struct Editor {
    guest: Guest,
    copy: Replica,
    /// What was sent, and the ack.
    edits: Vec<(Value, Value)>,
}

impl Editor {
    async fn start(kind: Kind, transport: Transport, pair: &Pair, room: &str) -> Self {
        let gus = Person::editor("gus");
        let mut guest = Guest::connect(kind, transport, &pair.address(), &gus).await;
        let copy = Replica::of(&guest.join(room, None).await);
        Self { guest, copy, edits: Vec::new() }
    }

    /// One edit, until it is acked.
    async fn edit(&mut self) {
        let class = Class::new("Yoga", self.edits.len() as u32);
        let edit = operation(&self.copy.room, &new_id(), &class.create());
        loop {
            let call = self.guest.send("op", &edit);
            match self.guest.reply(call).await {
                Some(reply) if reply["type"] == "ack" => {
                    self.edits.push((edit, reply));
                    break;
                }
                Some(reply) => assert_eq!(reply["retryable"], true, "{reply}"),
                None => self.come_back().await,
            }
        }
        actix_web::rt::time::sleep(THOUGHT).await;
    }

    async fn come_back(&mut self) {
        self.guest.connected().await;
        self.guest.catch_up(&mut self.copy);
        let room = self.copy.room.clone();
        self.copy.resume(&self.guest.join(&room, Some(&self.copy)).await);
    }

    /// Each ack holds in the log of the replica that stayed, and this copy equals its state.
    async fn judge(mut self, other: &mut Client) {
        let room = self.copy.room.clone();
        let snapshot = other.snapshot(&room, None).await;
        let end = snapshot["seq"].as_u64().expect("a number");
        self.guest.follow(&mut self.copy, end).await;
        self.copy.assert_equals(&snapshot);
        let log = self.copy.op_ids();
        assert_eq!(log.iter().collect::<BTreeSet<_>>().len(), log.len(), "each took effect once");
        assert_eq!(log.len(), self.edits.len());
        for (edit, ack) in &self.edits {
            let seq = ack["seq"].as_u64().expect("a number") as usize;
            assert_eq!(edit["opId"], *log[seq - 1], "{ack}");
        }
    }
}
