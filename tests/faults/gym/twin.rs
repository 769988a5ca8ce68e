//! The same operation on another replica at the same time, over REST: a client whose proxy sends
//! everything twice.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::outbox::Wish;
use super::{Door, Gym};
use crate::checker::history::Entry;
use crate::support::{Answer, Person, Rest};

/// How long the answer is waited for.
const ANSWER: Duration = Duration::from_secs(5);

/// Sends it in the background; `open` counts until its answer is known or given up.
pub fn send(
    gym: Rc<Gym>,
    client: String,
    person: &Person,
    door: Door,
    wish: Wish,
    open: Rc<Cell<usize>>,
) {
    let rest = Rest::new(&format!("http://{}", door.address), Some(person.token()));
    open.set(open.get() + 1);
    actix_web::rt::spawn(async move {
        let call = gym.next_call();
        let (node, request) = (door.node, wish.request());
        let invoke = Entry::Invoke { client: client.clone(), session: None, node, call, request };
        gym.recorder.write(invoke);
        let path = format!("/api/collaboration/v1/rooms/{}/ops", wish.room);
        let body = json!({"opId": wish.op_id, "op": wish.op});
        let answer = timeout(ANSWER, rest.try_post(&path, &body)).await;
        match answer.ok().and_then(Result::ok).and_then(|answer| reply(&answer)) {
            Some(reply) => gym.recorder.answer(&client, None, call, &reply),
            None => gym.recorder.count(|tally| tally.unknown += 1),
        }
        open.set(open.get() - 1);
    });
}

/// The answer as the other transport would have given it; nothing if it says nothing.
fn reply(answer: &Answer) -> Option<Value> {
    let mut body: Value = serde_json::from_slice(&answer.body).ok()?;
    if answer.status == 200 {
        body["type"] = json!("ack");
        return Some(body);
    }
    let mut error = body.get("error")?.clone();
    error["type"] = json!("error");
    error["code"].is_string().then_some(error)
}
