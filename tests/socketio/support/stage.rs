//! The server's side of Socket.IO clients in the hands of a test: who comes in, what each says, when
//! the next thing may be said. Two namespaces; who shows `{"refuse":…}` is not let in, who says `panic`
//! gets one.

use actix_web::HttpRequest;
use bytestring::ByteString;
use futures_util::FutureExt;
use kyo_collaboration::engineio::{Flow, Link};
use kyo_collaboration::socketio::{Event, Left, Member, Refusal, Service, Socket, Visitor};
use tokio::sync::{mpsc, oneshot};

use super::{Poller, Server, Ws, within};

/// What happened to a guest, in order.
#[derive(Debug)]
pub enum Heard {
    Event(Event),
    /// An event named `pause`: nothing more is heard until the sender is used or dropped.
    Paused(oneshot::Sender<()>),
    Behind,
    Upgraded,
    Left(Left),
}

/// One client in one namespace.
pub struct Guest {
    pub socket: Socket,
    pub auth: Option<ByteString>,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Guest {
    pub async fn hears(&mut self) -> Heard {
        within("something to hear", self.heard.recv()).await.expect("a guest that is there")
    }

    pub async fn event(&mut self) -> Event {
        match self.hears().await {
            Heard::Event(event) => event,
            other => panic!("an event was expected, not {other:?}"),
        }
    }

    pub async fn leaves(&mut self) -> Left {
        match self.hears().await {
            Heard::Left(left) => left,
            other => panic!("a departure was expected, not {other:?}"),
        }
    }
}

/// What is mounted.
pub struct Stage {
    guests: mpsc::UnboundedSender<Guest>,
}

impl Stage {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Guest>) {
        let (guests, receiver) = mpsc::unbounded_channel();
        (Self { guests }, receiver)
    }
}

impl Service for Stage {
    fn visit(&self, _: &HttpRequest, _: &Link) -> Box<dyn Visitor> {
        Box::new(Door { guests: self.guests.clone(), inside: Vec::new() })
    }
}

struct Door {
    guests: mpsc::UnboundedSender<Guest>,
    inside: Vec<mpsc::UnboundedSender<Heard>>,
}

impl Visitor for Door {
    fn connect(
        &mut self,
        namespace: &str,
        auth: Option<&ByteString>,
    ) -> Result<Box<dyn Member>, Refusal> {
        if !["/", "/custom"].contains(&namespace) {
            return Err(Refusal::invalid_namespace());
        }
        if auth.is_some_and(|auth| auth.contains("refuse")) {
            let data = Some(r#"{"code":"unauthenticated"}"#.to_owned());
            return Err(Refusal { message: "not \"you\"".to_owned(), data });
        }
        let (said, heard) = mpsc::unbounded_channel();
        self.inside.push(said.clone());
        let guests = self.guests.clone();
        Ok(Box::new(Inside { said, guests, waiting: Some((auth.cloned(), heard)) }))
    }

    fn upgraded(&mut self) {
        self.inside.iter().for_each(|said| {
            said.send(Heard::Upgraded).ok();
        });
    }
}

struct Inside {
    said: mpsc::UnboundedSender<Heard>,
    guests: mpsc::UnboundedSender<Guest>,
    waiting: Option<(Option<ByteString>, mpsc::UnboundedReceiver<Heard>)>,
}

impl Member for Inside {
    fn joined(&mut self, socket: Socket) {
        if let Some((auth, heard)) = self.waiting.take() {
            self.guests.send(Guest { socket, auth, heard }).ok();
        }
    }

    fn event(&mut self, event: Event) -> Flow {
        assert!(event.name != "panic", "as the client wished");
        if event.name == "pause" {
            let (go_on, wait) = oneshot::channel();
            self.said.send(Heard::Paused(go_on)).ok();
            return Some(wait.map(|_| ()).boxed_local());
        }
        self.said.send(Heard::Event(event)).ok();
        None
    }

    fn behind(&mut self) {
        self.said.send(Heard::Behind).ok();
    }

    fn left(&mut self, why: Left) {
        self.said.send(Heard::Left(why)).ok();
    }
}

impl Poller {
    /// Opens one and joins `/`.
    pub async fn joined(server: &mut Server) -> (Self, Guest) {
        let poller = Self::open(server, "/socket.io/").await;
        poller.post(server, "40").await;
        let guest = server.guest().await;
        assert!(poller.poll(server).await.starts_with("40{\"sid\":"));
        (poller, guest)
    }
}

impl Ws {
    /// Opens a session and joins `/`.
    pub async fn joined(server: &mut Server) -> (Self, Guest) {
        let (mut ws, _) = Self::open(server, "/socket.io/").await;
        ws.send("40").await;
        assert!(ws.text().await.starts_with("40{\"sid\":"));
        let guest = server.guest().await;
        (ws, guest)
    }
}
