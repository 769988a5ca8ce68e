//! A client's operations from the wish to a known fate. Whatever has no answer is sent again under
//! the same opId, wherever the client is by then, unless the client gives it up for good.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::checker::history::text;
use crate::support::Dice;

/// Decided operations that are remembered, to be repeated.
const MEMORY: usize = 40;
/// The least wait before the same is asked again.
const RETRY: Duration = Duration::from_millis(100);

/// One operation as a client means it.
#[derive(Clone, Debug)]
pub struct Wish {
    pub room: String,
    pub op_id: String,
    pub op: Value,
}

impl Wish {
    /// The request, for either transport.
    pub fn request(&self) -> Value {
        json!({"type": "op", "room": self.room, "opId": self.op_id, "op": self.op})
    }
}

/// All operations of one client.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Sent on the present connection, by the request's number.
    under_way: BTreeMap<u64, Wish>,
    /// To be sent again.
    waiting: Vec<(Instant, Wish)>,
    decided: VecDeque<Wish>,
}

impl Outbox {
    /// It was sent.
    pub fn sent(&mut self, call: u64, wish: Wish) {
        self.under_way.insert(call, wish);
    }

    /// A reply came; whether it was one to an operation.
    pub fn replied(&mut self, call: u64, reply: &Value) -> bool {
        let Some(wish) = self.under_way.remove(&call) else { return false };
        let again = reply["retryable"] == true || text(&reply["code"]) == "forbidden";
        if again {
            // `forbidden`: the room was lost in between, and is going to be joined again.
            let told = Duration::from_millis(reply["retryAfterMs"].as_u64().unwrap_or(0));
            self.waiting.push((Instant::now() + told.max(RETRY), wish));
        } else {
            self.decided.push_back(wish);
            if self.decided.len() > MEMORY {
                self.decided.pop_front();
            }
        }
        true
    }

    /// The connection ended; gives how many replies will never come. A client that is `careless`
    /// forgets one of eight.
    pub fn lost(&mut self, dice: &mut Dice, careless: bool) -> usize {
        let lost = std::mem::take(&mut self.under_way);
        let count = lost.len();
        for wish in lost.into_values() {
            if careless && dice.below(8) == 0 {
                continue;
            }
            let pause = Duration::from_millis(dice.below(300));
            self.waiting.push((Instant::now() + pause, wish));
        }
        count
    }

    /// Any operation whose time has come, in a room that is joined: not the oldest first.
    pub fn due(&mut self, dice: &mut Dice, rooms: &BTreeSet<String>) -> Option<Wish> {
        let now = Instant::now();
        let ready = self.waiting.iter().enumerate();
        let ready = ready.filter(|(_, (due, wish))| *due <= now && rooms.contains(&wish.room));
        let ready: Vec<usize> = ready.map(|(n, _)| n).collect();
        if ready.is_empty() {
            return None;
        }
        Some(self.waiting.swap_remove(*dice.pick(&ready)).1)
    }

    /// Any operation that has been decided before.
    pub fn old(&self, dice: &mut Dice, rooms: &BTreeSet<String>) -> Option<Wish> {
        let old: Vec<_> = self.decided.iter().filter(|wish| rooms.contains(&wish.room)).collect();
        if old.is_empty() { None } else { Some((*dice.pick(&old)).clone()) }
    }

    /// Operations whose fate is open.
    pub fn open(&self) -> usize {
        self.under_way.len() + self.waiting.len()
    }
}
