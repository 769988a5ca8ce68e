//! What is Socket.IO's own: the rest of the promises is told by the other stories, which run over both
//! transports. Packets are written by hand here; real clients are in `tests/clients/`.

#[path = "../../socketio/support/poller.rs"]
#[allow(dead_code, reason = "shared with the tests of the layers")]
mod poller;
#[path = "../../socketio/support/ws.rs"]
#[allow(dead_code, reason = "shared with the tests of the layers")]
mod ws;

mod connect;
mod ending;
mod limits;
mod messages;
mod together;

use serde_json::{Value, json};

use crate::support::{Person, Service, Service as Server, within};
use poller::Poller;
use ws::Ws;

const PATH: &str = "/socket.io/";

/// A client on a WebSocket that is in, welcomed.
async fn entered(service: &Service, person: &Person) -> Ws {
    let (mut ws, _) = Ws::open(service, PATH).await;
    ws.send(&format!("40{}", json!({"token": person.token()}))).await;
    assert!(ws.text().await.starts_with("40{\"sid\":"));
    assert!(ws.text().await.starts_with("42[\"welcome\","));
    ws
}

/// One that polls.
async fn polling(service: &Service, person: &Person) -> Poller {
    let poller = Poller::open(service, PATH).await;
    poller.post(service, &format!("40{}", json!({"token": person.token()}))).await;
    let mut came = String::new();
    while !came.contains("42[\"welcome\",") {
        came += &poller.poll(service).await;
    }
    poller
}

/// An event with an acknowledgement under `id`.
fn ask(id: u64, kind: &str, fields: &Value) -> String {
    format!("42{id}{}", json!([kind, fields]))
}

/// Reads on to the acknowledgement `id`; its one argument.
async fn reply(ws: &mut Ws, id: u64) -> Value {
    let head = format!("43{id}[");
    loop {
        let text = ws.text().await;
        if text.starts_with(&head) {
            let arguments: Vec<Value> =
                serde_json::from_str(&text[head.len() - 1..]).expect("JSON");
            assert_eq!(arguments.len(), 1, "one reply: {text}");
            return arguments[0].clone();
        }
    }
}

/// Polls to the last words; all packets.
async fn to_the_end(poller: &Poller, service: &Service) -> Vec<String> {
    let mut packets: Vec<String> = Vec::new();
    while !packets.last().is_some_and(|last| last.starts_with("42[\"disconnecting\"")) {
        packets.extend(poller.poll(service).await.split('\x1e').map(str::to_owned));
    }
    packets
}
