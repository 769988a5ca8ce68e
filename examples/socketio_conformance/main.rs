//! What the official protocol suites are run against: our two layers with the suites' own settings
//! and handlers. `/engine.io/` echoes, `/socket.io/` does what the Socket.IO suite expects of its
//! server. `scripts/socketio-conformance.sh` runs it.
//!
//! `cargo run --example socketio_conformance [port] [workers]`

mod echo;
mod suite;

use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use kyo_collaboration::engineio::{Config, Mount};
use kyo_collaboration::socketio;
use kyo_collaboration::time::Clock;

use echo::Echo;
use suite::Suite;

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
