//! What the official protocol suites are run against: our two layers with the suites' own settings
//! and handlers. `/engine.io/` echoes, `/socket.io/` does what the Socket.IO suite expects of its
//! server. `scripts/socketio-conformance.sh` runs it.
//!
//! `cargo run --example socketio_conformance [port] [workers]`

use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpServer};
use bytestring::ByteString;
use kyo_collaboration::engineio::{
    self, Batch, Closed, Config, Flow, Handler, Link, Message, Mount, Note,
};
use kyo_collaboration::socketio::{
    self, Event, Left, Member, Refusal, Service, Socket, Visitor, encode,
};
use kyo_collaboration::time::Clock;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u16| match arguments.next() {
        Some(text) => text.parse().map_err(std::io::Error::other),
        None => Ok(default),
    };
    let (port, workers) = (number(3000)?, number(2)?);
    let engine = Mount::start(settings("/engine.io/"), Clock::system(), Arc::new(Echo));
    let connect_timeout = Duration::from_secs(1);
    let config = socketio::Config { connect_timeout, ..socketio::Config::default() };
    let clock = Clock::system();
    let socket = socketio::mount(settings("/socket.io/"), config, clock, Arc::new(Suite));
    let app = move || {
        let (engine, socket) = (engine.clone(), socket.clone());
        App::new().configure(|cfg| engine.configure(cfg)).configure(|cfg| socket.configure(cfg))
    };
    HttpServer::new(app)
        .workers(workers.into())
        .h1_allow_half_closed(false)
        .bind(("127.0.0.1", port))?
        .run()
        .await
}

/// The suites' settings.
fn settings(path: &str) -> Config {
    Config {
        path: path.to_owned(),
        ping_interval: Duration::from_millis(300),
        ping_timeout: Duration::from_millis(200),
        max_payload: 1_000_000,
        ..Config::default()
    }
}

/// Says back what it hears.
struct Echo;

struct Echoing(Link);

impl engineio::Service for Echo {
    fn open(&self, _: &HttpRequest, link: Link) -> Box<dyn Handler> {
        Box::new(Echoing(link))
    }
}

impl Handler for Echoing {
    fn message(&mut self, message: Message) -> Flow {
        let batch = match message {
            Message::Text(text) => Batch::text(&text),
            Message::Binary(bytes) => Batch::binary(&bytes),
        };
        self.0.outlet.send(&batch).ok();
        None
    }

    fn behind(&mut self) {
        self.0.outlet.close(None, None);
    }

    fn note(&mut self, _: Note) {}

    fn closed(&mut self, _: Closed) {}
}

/// The server that the Socket.IO suite expects.
struct Suite;

struct Guest;

struct Inside {
    auth: ByteString,
    socket: Option<Socket>,
}

impl Service for Suite {
    fn visit(&self, _: &HttpRequest, _: &Link) -> Box<dyn Visitor> {
        Box::new(Guest)
    }
}

impl Visitor for Guest {
    fn connect(
        &mut self,
        namespace: &str,
        auth: Option<&ByteString>,
    ) -> Result<Box<dyn Member>, Refusal> {
        if !["/", "/custom"].contains(&namespace) {
            return Err(Refusal::invalid_namespace());
        }
        let auth = auth.cloned().unwrap_or_else(|| "{}".into());
        Ok(Box::new(Inside { auth, socket: None }))
    }
}

impl Member for Inside {
    fn joined(&mut self, socket: Socket) {
        let packet = encode::event(socket.namespace(), "auth", &[&self.auth], &[]);
        socket.send(&packet).ok();
        self.socket = Some(socket);
    }

    fn event(&mut self, event: Event) -> Flow {
        let Event { name, args, attachments, ack } = event;
        match (&*name, ack, &self.socket) {
            ("message", _, Some(socket)) => {
                let back = encode::event(socket.namespace(), "message-back", &args, &attachments);
                socket.send(&back).ok();
            }
            ("message-with-ack", Some(ack), _) => {
                ack.answer(&args, &attachments).ok();
            }
            _ => {}
        }
        None
    }

    fn behind(&mut self) {
        if let Some(socket) = &self.socket {
            socket.close(None, None);
        }
    }

    fn left(&mut self, _: Left) {}
}
