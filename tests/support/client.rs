//! A client on a WebSocket as a gym app would be, native or Socket.IO: numbered requests, a queue of pushes, either
//! framing. It reads only while the story waits for something, so a client that is left alone is a
//! client that has stopped reading.

use std::collections::{HashMap, VecDeque};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::upgrade::{Open, Refused, upgrade};
use super::{Framing, Person, Service, new_id, within};

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a close frame.
    Closed(u16, String),
    /// Without one.
    Cut,
}

/// One connection.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    framing: Framing,
    /// The subprotocol that the service chose.
    pub subprotocol: Option<String>,
    /// The `welcome`, once it came.
    pub welcome: Value,
    next_id: u64,
    replies: HashMap<u64, Value>,
    pushes: VecDeque<Value>,
}

impl Client {
    /// Connects as a person with a JSON framing and the token in the header, and is welcomed.
    pub async fn connect(service: &Service, person: &Person) -> Self {
        Self::connect_with(service, person, Framing::of_stories()).await
    }

    /// The same in any framing.
    pub async fn connect_with(service: &Service, person: &Person, framing: Framing) -> Self {
        let mut client = match framing {
            Framing::SocketIo => Self::open_socketio(service, &person.token()).await,
            native => {
                let offers = vec![native.subprotocol()];
                let open = Open { token: Some(person.token()), offers, ..Open::default() };
                Self::open(service, open).await.expect("the upgrade is accepted")
            }
        };
        client.welcome = client.next().await.expect("a welcome");
        assert_eq!(client.welcome["type"], "welcome", "welcome is the first message");
        client
    }

    /// Connects and joins one room; also gives the `joined` reply.
    pub async fn enter(service: &Service, person: &Person, room: &str) -> (Self, Value) {
        let mut client = Self::connect(service, person).await;
        let joined = client.join(room).await;
        (client, joined)
    }

    /// Only opens the connection: whatever comes first is left in it.
    pub async fn open(service: &Service, open: Open) -> Result<Self, Refused> {
        let upgraded = within("the upgrade", upgrade(&service.address(), open)).await?;
        Ok(Self {
            socket: upgraded.socket,
            framing: Framing::of(upgraded.subprotocol.as_deref()),
            subprotocol: upgraded.subprotocol,
            welcome: Value::Null,
            next_id: 0,
            replies: HashMap::new(),
            pushes: VecDeque::new(),
        })
    }

    /// Opens a Socket.IO connection and enters the namespace with a token.
    async fn open_socketio(service: &Service, token: &str) -> Self {
        let path = "/socket.io/?EIO=4&transport=websocket".to_owned();
        let open = Open { path, ..Open::default() };
        let mut client = Self::open(service, open).await.expect("the upgrade is accepted");
        client.framing = Framing::SocketIo;
        let opened = client.socket.next().await.expect("a frame").expect("an open packet");
        assert!(opened.to_text().expect("text").starts_with("0{"), "{opened}");
        let connect = format!("40{}", json!({"token": token}));
        client.send_frame(Message::text(connect)).await.expect("an open socket");
        let connected = client.socket.next().await.expect("a frame").expect("a packet");
        assert!(connected.to_text().expect("text").starts_with("40{\"sid\":"), "{connected}");
        client
    }

    /// This connection's session.
    pub fn session(&self) -> &str {
        self.welcome["sessionId"].as_str().expect("welcomed")
    }

    /// Sends a message of a type with these fields, numbered; gives the number.
    pub async fn send(&mut self, kind: &str, mut fields: Value) -> u64 {
        self.next_id += 1;
        fields["type"] = json!(kind);
        fields["id"] = json!(self.next_id);
        let frame = self.framing.encode(&fields);
        // A connection that the service has just closed is found by the next read.
        let _ = self.socket.send(frame).await;
        self.next_id
    }

    /// Sends a frame as it is.
    pub async fn send_frame(&mut self, frame: Message) -> Result<(), Error> {
        self.socket.send(frame).await
    }

    /// Waits for the reply with this number; pushes that come before it are kept.
    pub async fn reply(&mut self, id: u64) -> Value {
        match self.try_reply(id).await {
            Ok(reply) => reply,
            Err(end) => panic!("the connection ended before reply {id}: {end:?}"),
        }
    }

    /// The same for a connection that may end first.
    pub async fn try_reply(&mut self, id: u64) -> Result<Value, End> {
        within(&format!("reply {id}"), async {
            loop {
                if let Some(reply) = self.replies.remove(&id) {
                    return Ok(reply);
                }
                self.read().await?;
            }
        })
        .await
    }

    /// The next reply, whichever request it belongs to.
    pub async fn any_reply(&mut self) -> Result<Value, End> {
        within("any reply", async {
            loop {
                if let Some(id) = self.replies.keys().min().copied() {
                    return Ok(self.replies.remove(&id).expect("just seen"));
                }
                self.read().await?;
            }
        })
        .await
    }

    /// The next message, reply or push.
    pub async fn any_message(&mut self) -> Result<Value, End> {
        loop {
            let id = self.replies.keys().min().copied();
            let reply = id.and_then(|id| self.replies.remove(&id));
            if let Some(message) = reply.or_else(|| self.pushes.pop_front()) {
                return Ok(message);
            }
            self.read().await?;
        }
    }

    /// Sends and waits for the reply.
    pub async fn request(&mut self, kind: &str, fields: Value) -> Value {
        let id = self.send(kind, fields).await;
        self.reply(id).await
    }

    /// Joins a room for the first time.
    pub async fn join(&mut self, room: &str) -> Value {
        let joined = self.request("join", json!({"room": room})).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        joined
    }

    /// Joins a room again, knowing it up to `seq` of `epoch`.
    pub async fn rejoin(&mut self, room: &str, epoch: &Value, seq: u64) -> Value {
        let since = json!({"epoch": epoch, "seq": seq});
        let joined = self.request("join", json!({"room": room, "since": since})).await;
        assert_eq!(joined["type"], "joined", "{joined}");
        joined
    }

    /// Sends one operation under an id of its own; the reply is an `ack` or an `error`.
    pub async fn op(&mut self, room: &str, op: Value) -> Value {
        self.op_named(room, &new_id(), op).await
    }

    /// Sends one operation under a given id.
    pub async fn op_named(&mut self, room: &str, op_id: &str, op: Value) -> Value {
        self.request("op", json!({"room": room, "opId": op_id, "op": op})).await
    }

    /// An operation that must be acked; gives the ack.
    pub async fn acked(&mut self, room: &str, op: Value) -> Value {
        let ack = self.op(room, op).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        ack
    }

    /// An operation that must be refused with a code; gives the error.
    pub async fn refused(&mut self, room: &str, op: Value, code: &str) -> Value {
        let error = self.op(room, op).await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!(code)), "{error}");
        error
    }

    /// The server's snapshot, now or at a sequence number.
    pub async fn snapshot(&mut self, room: &str, seq: Option<u64>) -> Value {
        let snapshot = self.request("snapshot", json!({"room": room, "seq": seq})).await;
        assert_eq!(snapshot["type"], "snapshot", "{snapshot}");
        snapshot
    }

    /// The next push of a type; pushes of other types are kept.
    pub async fn expect(&mut self, kind: &str) -> Value {
        within(&format!("a push of type {kind}"), async {
            loop {
                if let Some(found) = self.pushes.iter().position(|push| push["type"] == kind) {
                    return self.pushes.remove(found).expect("just found");
                }
                if let Err(end) = self.read().await {
                    panic!("the connection ended before a {kind}: {end:?}");
                }
            }
        })
        .await
    }

    /// The next message of any kind that is no reply.
    pub async fn next(&mut self) -> Result<Value, End> {
        within("the next push", async {
            loop {
                if let Some(push) = self.pushes.pop_front() {
                    return Ok(push);
                }
                self.read().await?;
            }
        })
        .await
    }

    /// Pushes that have already been read and wait in the queue.
    pub fn waiting(&mut self) -> impl Iterator<Item = Value> {
        self.pushes.drain(..)
    }

    /// Reads on until the service ends the connection.
    pub async fn ended(&mut self) -> End {
        within("the end of the connection", async {
            loop {
                if let Err(end) = self.read().await {
                    return end;
                }
            }
        })
        .await
    }

    /// The close code the service ends with.
    pub async fn close_code(&mut self) -> u16 {
        match self.ended().await {
            End::Closed(code, _) => code,
            End::Cut => panic!("the connection was cut without a close frame"),
        }
    }

    /// Gives the bare connection, to write what no client should.
    pub fn into_stream(self) -> TcpStream {
        self.socket.into_inner()
    }

    /// Reads one frame and files it.
    async fn read(&mut self) -> Result<(), End> {
        match self.socket.next().await {
            Some(Ok(Message::Close(frame))) => Err(frame.map_or(End::Cut, |frame| {
                End::Closed(frame.code.into(), frame.reason.to_string())
            })),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Text(ping))) if self.framing == Framing::SocketIo && ping == "2" => {
                let _ = self.socket.send(Message::text("3")).await;
                Ok(())
            }
            Some(Ok(message)) if !self.framing.is_message(&message) => Ok(()),
            Some(Ok(message)) => {
                self.file(self.framing.decode(&message));
                Ok(())
            }
            Some(Err(_)) | None => Err(End::Cut),
        }
    }

    fn file(&mut self, message: Value) {
        match message["re"].as_u64() {
            Some(id) => {
                self.replies.insert(id, message);
            }
            None => self.pushes.push_back(message),
        }
    }
}
