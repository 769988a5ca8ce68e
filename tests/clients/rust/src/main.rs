//! A rust_socketio client that does what it is told on stdin and tells on stdout what happened, one
//! JSON object a line each (`tests/clients/driver.rs` has the list).
//!
//! The library draws the ids of acks at random from 999, so that two requests under way may get one
//! another's reply: here each request waits for the reply to the one before. One that was lost with its
//! connection stays in the library's list, and a reply whose id is there twice ends its reader (0.6.0,
//! `handle_ack` removes by indices that its own removals have moved).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rust_socketio::asynchronous::{Client, ClientBuilder, ReconnectSettings};
use rust_socketio::{Event, Payload, TransportType};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{mpsc, watch};

/// Half a minute of attempts.
const MOST_ATTEMPTS: usize = 300;
/// Longer than any test waits.
const NO_TIMEOUT: Duration = Duration::from_secs(3600);

type Token = Arc<Mutex<Value>>;

fn tell(saw: &str, mut what: Value) {
    what["saw"] = json!(saw);
    println!("{what}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let token = Token::default();
    // Counts connections, so that a request whose connection is gone is not waited for.
    let (connected, connections) = watch::channel(0);
    let mut client = None;
    let mut requests = None;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    tell("ready", json!({}));
    while let Some(line) = lines.next_line().await.expect("stdin is text") {
        let command: Value = serde_json::from_str(&line).expect("a command is JSON");
        match command["do"].as_str().expect("a command has a name") {
            "connect" => {
                client = connect_at_last(&command, &token, &connected).await;
                requests = client.clone().map(|client| requester(client, connections.clone()));
            }
            "token" => *token.lock().expect("nobody panics") = command["value"].clone(),
            "emit" => match &requests {
                Some(requests) => requests.send(command).expect("the requester runs"),
                None => tell("unsent", json!({"call": command["call"]})),
            },
            "tell" => {
                if let Some(client) = &client {
                    let event = command["event"].as_str().expect("an event has a name");
                    // Fails where the connection has gone: so does whatever was told.
                    let _ = client.emit(event, command["data"].clone()).await;
                }
            }
            "disconnect" => {
                if let Some(client) = &client {
                    // Fails where the connection has gone already.
                    let _ = client.disconnect().await;
                }
            }
            other => panic!("no such command: {other}"),
        }
    }
    // The test has gone, or has no more use for this client: as if the machine lost power.
    std::process::exit(0);
}

/// The library comes back by itself once it was connected, and not before.
async fn connect_at_last(
    command: &Value,
    token: &Token,
    connected: &watch::Sender<u64>,
) -> Option<Client> {
    for _ in 0..MOST_ATTEMPTS {
        let client = connect(command, token, connected.clone()).await;
        if client.is_some() {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

async fn connect(command: &Value, token: &Token, connected: watch::Sender<u64>) -> Option<Client> {
    let text = |name: &str| command[name].as_str().expect("text").to_owned();
    let transport = text("transport");
    let kind = match transport.as_str() {
        "websocket" => TransportType::Websocket,
        "polling" => TransportType::Polling,
        _ => TransportType::WebsocketUpgrade,
    };
    let auth = json!({"token": *token.lock().expect("nobody panics")});
    let (url, token) = (text("url"), token.clone());
    let built = ClientBuilder::new(url)
        .transport_type(kind)
        .auth(auth)
        .reconnect_delay(100, 500)
        .on_reconnect(move || renewed(&token))
        .on(Event::Connect, move |_, _| {
            connected.send_modify(|count| *count += 1);
            // It has upgraded before it says so, if it does at all.
            tell("connected", json!({"transport": transport}));
            done()
        })
        .on(Event::Close, |_, _| {
            tell("disconnected", json!({"reason": "server"}));
            done()
        })
        .on(Event::Error, |payload, _| {
            refused(payload);
            done()
        })
        .on_any(|event, payload, _| {
            tell("event", json!({"event": event.as_str(), "data": first(payload)}));
            done()
        })
        .connect()
        .await;
    built.inspect_err(|error| tell("failed", json!({"message": format!("{error:?}")}))).ok()
}

fn renewed(token: &Token) -> BoxFuture<'static, ReconnectSettings> {
    let mut settings = ReconnectSettings::new();
    settings.auth(json!({"token": *token.lock().expect("nobody panics")}));
    async { settings }.boxed()
}

/// Errors of the transport, the answer to a refused CONNECT and an event named `error` look alike.
fn refused(payload: Payload) {
    let said = first(payload);
    let Some(text) = said.as_str() else {
        return tell("event", json!({"event": "error", "data": said}));
    };
    match text.strip_prefix("Received an ConnectError frame: ") {
        Some(body) => {
            let body: Value = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
            tell("refused", json!({"message": body["message"], "data": body["data"]}));
        }
        None => tell("failed", json!({"message": text})),
    }
}

/// Sends requests one after another.
fn requester(client: Client, connections: watch::Receiver<u64>) -> mpsc::UnboundedSender<Value> {
    let (sender, mut requests) = mpsc::unbounded_channel::<Value>();
    tokio::spawn(async move {
        while let Some(command) = requests.recv().await {
            request(&client, &command, connections.clone()).await;
        }
    });
    sender
}

async fn request(client: &Client, command: &Value, mut connections: watch::Receiver<u64>) {
    connections.mark_unchanged();
    let (replied, mut reply) = mpsc::unbounded_channel();
    let event = command["event"].as_str().expect("an event has a name");
    let callback = move |payload: Payload, _: Client| {
        // Nobody listens any more if the connection was lost meanwhile.
        let _ = replied.send(first(payload));
        done()
    };
    let sent = client.emit_with_ack(event, command["data"].clone(), NO_TIMEOUT, callback).await;
    if sent.is_err() {
        return tell("unsent", json!({"call": command["call"]}));
    }
    tokio::select! {
        Some(data) = reply.recv() => tell("reply", json!({"call": command["call"], "data": data})),
        _ = connections.changed() => {}
    }
}

fn first(payload: Payload) -> Value {
    match payload {
        Payload::Text(values) => {
            let first = values.into_iter().next().unwrap_or_default();
            // An ack's arguments come as the list that they are.
            match first {
                Value::Array(mut list) => {
                    if list.is_empty() {
                        Value::Null
                    } else {
                        list.remove(0)
                    }
                }
                other => other,
            }
        }
        #[allow(deprecated, reason = "errors still come this way")]
        Payload::String(text) => json!(text),
        Payload::Binary(_) => Value::Null,
    }
}

fn done() -> BoxFuture<'static, ()> {
    async {}.boxed()
}
