//! Somebody who comes by Socket.IO: what [`Client`](crate::support::Client) is for native sockets.
//! Events and replies look like native messages, their `type` included.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use crate::driver::{Driver, Order, Report};
use crate::kind::{Kind, Transport};
use crate::support::{Person, Replica, new_id, within};

/// One person with one client program.
pub struct Guest {
    driver: Driver,
    calls: u64,
    replies: HashMap<u64, Value>,
    /// What was told and not looked at yet, replies apart.
    told: VecDeque<Report>,
    /// The newest `welcome`.
    pub welcome: Value,
}

impl Guest {
    /// Starts the program.
    pub async fn start(kind: Kind) -> Self {
        let mut guest = Self {
            driver: Driver::start(kind),
            calls: 0,
            replies: HashMap::new(),
            told: VecDeque::new(),
            welcome: Value::Null,
        };
        let ready = |report: &Report| matches!(report, Report::Ready {}).then_some(());
        guest.find("a program that runs", ready).await;
        guest
    }

    /// Connects to `host:port`, and does not wait.
    pub fn come(&mut self, transport: Transport, address: &str, token: &str) {
        self.use_token(token);
        let url = format!("http://{address}");
        self.driver.order(&Order::Connect { url: &url, transport });
    }

    /// Connects as a person and is welcomed.
    pub async fn connect(kind: Kind, transport: Transport, address: &str, who: &Person) -> Self {
        let mut guest = Self::start(kind).await;
        guest.come(transport, address, &who.token());
        guest.connected().await;
        guest
    }

    /// The token of all connections from now on.
    pub fn use_token(&mut self, token: &str) {
        self.driver.order(&Order::Token { value: token });
    }

    /// Leaves as a person does.
    pub fn disconnect(&mut self) {
        self.driver.order(&Order::Disconnect);
    }

    /// Waits for the next connection that the library makes, and its welcome; gives its transport.
    pub async fn connected(&mut self) -> Transport {
        let transport = self
            .find("a connection", |report| match report {
                Report::Connected { transport } => Some(*transport),
                _ => None,
            })
            .await;
        self.welcome = self.expect("welcome").await;
        transport
    }

    /// Waits until a connection that began with polling goes on by WebSocket.
    pub async fn upgraded(&mut self) {
        self.find("an upgrade", |report| matches!(report, Report::Upgraded {}).then_some(())).await;
    }

    /// This connection's session.
    pub fn session(&self) -> &str {
        self.welcome["sessionId"].as_str().expect("welcomed")
    }

    /// The `data` of a refused CONNECT.
    pub async fn refused(&mut self) -> Value {
        self.find("a refusal", |report| match report {
            Report::Refused { data } => Some(data.clone()),
            _ => None,
        })
        .await
    }

    /// The next event of a type; whatever else was told is kept.
    pub async fn expect(&mut self, kind: &str) -> Value {
        self.find(&format!("an event {kind}"), |report| match report {
            Report::Event { event, data } if event == kind => Some(typed(kind, data)),
            _ => None,
        })
        .await
    }

    /// Emits a request and gives the number to wait for.
    pub fn send(&mut self, kind: &str, fields: &Value) -> u64 {
        self.calls += 1;
        self.driver.order(&Order::Emit { call: self.calls, event: kind, data: fields });
        self.calls
    }

    /// Emits something that has no reply.
    pub fn tell(&mut self, kind: &str, fields: &Value) {
        self.driver.order(&Order::Tell { event: kind, data: fields });
    }

    /// The reply to a request, or `None` if a new connection came first.
    pub async fn reply(&mut self, call: u64) -> Option<Value> {
        within(&format!("reply {call}"), async {
            loop {
                if self.told.iter().any(is_connection) {
                    return None;
                }
                if let Some(reply) = self.replies.remove(&call) {
                    return Some(reply);
                }
                self.read().await;
            }
        })
        .await
    }

    /// Emits and waits for the reply.
    pub async fn request(&mut self, kind: &str, fields: Value) -> Value {
        let call = self.send(kind, &fields);
        match self.reply(call).await {
            Some(reply) => reply,
            None => panic!("the connection ended before the reply to {fields}"),
        }
    }

    /// Joins a room, for the first time or knowing it up to what a copy has.
    pub async fn join(&mut self, room: &str, known: Option<&Replica>) -> Value {
        let since = known.map(|copy| json!({"epoch": copy.epoch, "seq": copy.seq}));
        let joined = self.request("join", json!({"room": room, "since": since})).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        joined
    }

    /// An operation that must be acked; gives the ack.
    pub async fn acked(&mut self, room: &str, op: Value) -> Value {
        let ack = self.request("op", operation(room, &new_id(), &op)).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        ack
    }

    /// Reads and folds `events` until `seq` is reached.
    pub async fn follow(&mut self, copy: &mut Replica, seq: u64) {
        while copy.seq < seq {
            copy.apply(&self.expect("events").await);
        }
    }

    /// Folds the `events` that came before a connection was lost: to be called before the next join.
    pub fn catch_up(&mut self, copy: &mut Replica) {
        self.told.retain(|report| match report {
            Report::Event { event, data } if event == "events" => {
                copy.apply(&typed(event, data));
                false
            }
            _ => true,
        });
    }

    /// Whether the library has connected anew, as far as is known and not yet looked at.
    pub fn has_lost_connection(&mut self) -> bool {
        self.has_told(is_connection)
    }

    /// Whether it has told of something, without waiting for it.
    pub fn has_told(&mut self, sought: impl Fn(&Report) -> bool) -> bool {
        while let Some(report) = self.driver.pending() {
            self.file(report);
        }
        self.told.iter().any(sought)
    }

    async fn find<T>(&mut self, what: &str, pick: impl Fn(&Report) -> Option<T>) -> T {
        within(what, async {
            let mut seen = 0;
            loop {
                while let Some(report) = self.told.get(seen) {
                    if let Some(found) = pick(report) {
                        self.told.remove(seen);
                        return found;
                    }
                    seen += 1;
                }
                self.read().await;
            }
        })
        .await
    }

    async fn read(&mut self) {
        let report = self.driver.report().await.expect("the program runs");
        self.file(report);
    }

    fn file(&mut self, report: Report) {
        match report {
            Report::Reply { call, data } => {
                self.replies.insert(call, data);
            }
            other => self.told.push_back(other),
        }
    }
}

fn is_connection(report: &Report) -> bool {
    matches!(report, Report::Connected { .. })
}

/// The fields of an `op`.
pub fn operation(room: &str, op_id: &str, op: &Value) -> Value {
    json!({"room": room, "opId": op_id, "op": op})
}

fn typed(kind: &str, data: &Value) -> Value {
    let mut message = data.clone();
    message["type"] = json!(kind);
    message
}
