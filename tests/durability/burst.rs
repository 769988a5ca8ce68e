//! Many clients writing as fast as they may, until their connection dies under them; each knows
//! afterwards which of its operations were acked and which it cannot know about.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Service, new_id};

/// How many operations a client keeps on their way.
const PIPELINE: usize = 4;

/// What one operation asked, and the sequence number it was acked with, if it was.
#[derive(Clone, Debug)]
pub struct Sent {
    pub room: String,
    pub op_id: String,
    pub op: Value,
    pub seq: Option<u64>,
}

/// Counts acks over all clients, so that the story can strike in the middle.
#[derive(Clone, Default)]
pub struct Acks(Rc<Cell<usize>>);

impl Acks {
    pub fn count(&self) -> usize {
        self.0.get()
    }

    fn one_more(&self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Writes into all `rooms` until the connection ends; gives everything that was sent.
pub async fn write_until_cut(mut client: Client, rooms: &[String], acks: Acks) -> Vec<Sent> {
    let mut sent = Vec::new();
    let mut under_way = VecDeque::new();
    loop {
        while under_way.len() < PIPELINE {
            under_way.push_back((send_one(&mut client, rooms, &mut sent).await, sent.len() - 1));
        }
        let (id, index) = under_way.pop_front().expect("the pipeline was just filled");
        match client.try_reply(id).await {
            Ok(ack) => {
                assert_eq!(ack["type"], "ack", "{ack}");
                sent[index].seq = ack["seq"].as_u64();
                acks.one_more();
            }
            Err(_) => return sent,
        }
    }
}

/// Joins all rooms as one of the writers.
pub async fn writer(service: &Service, n: usize, rooms: &[String]) -> Client {
    let mut client = Client::connect(service, &Person::editor(&format!("writer-{n}"))).await;
    for room in rooms {
        client.join(room).await;
    }
    client
}

/// Sends one operation again and expects an ack, whether it took effect before or not.
pub async fn repeat(client: &mut Client, sent: &Sent) -> Value {
    let ack = client.op_named(&sent.room, &sent.op_id, sent.op.clone()).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    ack
}

async fn send_one(client: &mut Client, rooms: &[String], sent: &mut Vec<Sent>) -> u64 {
    let n = sent.len();
    let room = rooms[n % rooms.len()].clone();
    let (op_id, op) = (new_id(), Class::new("Spin", n as u32 % 1_000).create());
    let message = json!({"room": room, "opId": op_id, "op": op});
    sent.push(Sent { room, op_id, op, seq: None });
    client.send("op", message).await
}
