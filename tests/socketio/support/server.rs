//! An HTTP server with two threads: `/engine.io/` echoes, `/socket.io/` is the test's stage.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, rt};
use kyo_collaboration::engineio::{Config, Mount};
use kyo_collaboration::socketio;
use kyo_collaboration::time::Clock;
use tokio::sync::{mpsc, oneshot};

use super::echo::Echo;
use super::stage::{Guest, Stage};
use super::within;

/// A running server; gone when dropped.
pub struct Server {
    pub address: String,
    pub engine: Mount,
    pub socket: Mount,
    guests: mpsc::UnboundedReceiver<Guest>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// Settings in which nothing happens by itself while a test runs.
pub fn settings() -> (Config, socketio::Config) {
    let hour = Duration::from_secs(3_600);
    let engine = Config {
        node: "here".to_owned(),
        ping_interval: hour,
        ping_timeout: hour,
        upgrade_timeout: hour,
        max_payload: 10_000,
        ..Config::default()
    };
    (engine, socketio::Config { connect_timeout: hour, ..socketio::Config::default() })
}

impl Server {
    pub async fn start() -> Self {
        let (engine, socket) = settings();
        Self::with(engine, socket).await
    }

    pub async fn with(config: Config, socket: socketio::Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (started, ready) = oneshot::channel();
        let (stage, guests) = Stage::new();
        let thread = std::thread::spawn(move || {
            rt::System::new().block_on(async move {
                let at = |path: &str| Config { path: path.to_owned(), ..config.clone() };
                let clock = Clock::system();
                let engine = Mount::start(at("/engine.io/"), clock.clone(), Arc::new(Echo));
                let socket = socketio::mount(at("/socket.io/"), socket, clock, Arc::new(stage));
                let mounts = (engine.clone(), socket.clone());
                let server = HttpServer::new(move || {
                    let (engine, socket) = (engine.clone(), socket.clone());
                    App::new()
                        .configure(|cfg| engine.configure(cfg))
                        .configure(|cfg| socket.configure(cfg))
                })
                .workers(2)
                .h1_allow_half_closed(false)
                .disable_signals()
                .listen(listener)
                .expect("a listener")
                .run();
                started.send((server.handle(), mounts)).ok();
                server.await.expect("a server");
            });
        });
        let (handle, (engine, socket)) = ready.await.expect("a server that starts");
        Self { address, engine, socket, guests, handle, thread: Some(thread) }
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The server's side of the next Socket.IO client that comes into a namespace.
    pub async fn guest(&mut self) -> Guest {
        within("a client", self.guests.recv()).await.expect("a stage")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The command is sent when the future is made.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
