//! When things were certain: the first time each operation was sent, and the first time anybody
//! outside the service knew that an event had been committed.

use std::collections::{HashMap, HashSet};

use super::history::{Entry, Line, text};
use super::logs::told;

/// A room and an opId in it.
pub type Op = (String, String);

/// Moments in microseconds.
#[derive(Debug, Default)]
pub struct Timing {
    /// When it was first sent.
    pub sent: HashMap<Op, u64>,
    /// When its author was first told that it is committed, with its seq, and on which node.
    pub acked: HashMap<Op, Acked>,
    /// When anybody first saw the event, in an ack or in a push.
    pub seen: HashMap<Op, u64>,
    /// What was refused at least once: an ack of a later attempt says nothing about delays.
    pub refused: HashSet<Op>,
}

/// A first ack.
#[derive(Clone, Debug)]
pub struct Acked {
    pub at: u64,
    pub seq: u64,
    pub node: String,
    pub client: String,
}

impl Timing {
    /// Reads the whole history once.
    pub fn read(history: &[Line]) -> Self {
        let mut timing = Self::default();
        let mut calls: HashMap<(&str, u64), (Op, &str)> = HashMap::new();
        for line in history {
            match &line.entry {
                Entry::Invoke { client, call, request, node, .. } if is_op(request) => {
                    let op = key(text(&request["room"]), text(&request["opId"]));
                    timing.sent.entry(op.clone()).or_insert(line.at);
                    calls.insert((client, *call), (op, node));
                }
                Entry::Answer { client, call, reply, .. } if reply["type"] == "ack" => {
                    let Some((op, node)) = calls.get(&(client.as_str(), *call)) else { continue };
                    let Some(seq) = reply["seq"].as_u64() else { continue };
                    timing.acked.entry(op.clone()).or_insert_with(|| Acked {
                        at: line.at,
                        seq,
                        node: (*node).to_owned(),
                        client: client.clone(),
                    });
                    timing.seen.entry(op.clone()).or_insert(line.at);
                }
                Entry::Answer { client, call, reply, .. } if reply["retryable"] == false => {
                    let op = calls.get(&(client.as_str(), *call)).map(|(op, _)| op.clone());
                    timing.refused.extend(op);
                }
                Entry::Push { message, .. } if message["type"] == "events" => {
                    for (_, op_id, _) in told(message) {
                        let op = key(text(&message["room"]), op_id);
                        timing.seen.entry(op).or_insert(line.at);
                    }
                }
                _ => {}
            }
        }
        timing
    }
}

/// Whether a request is an operation that means to change something.
pub fn is_op(request: &serde_json::Value) -> bool {
    request["type"] == "op" && request["dryRun"] != true
}

/// The key of an operation.
pub fn key(room: &str, op_id: &str) -> Op {
    (room.to_owned(), op_id.to_owned())
}
