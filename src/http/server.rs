//! The HTTP server around the routes: threads, connections and what each is prepared with.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};

use super::ws::{self, Upgrade};
use super::{State, conn, finish, routes};
use crate::actors::wire::PIECE;

/// Connections that wait to be accepted: a reconnect storm comes all at once.
const BACKLOG: u32 = 4_096;
/// Bytes gathered before a write. A connection keeps its buffer of 8 KiB for life, and actix-http lets
/// it grow to 128 KiB before it shrinks it again: with this and pieces of the same size it stays.
const WRITE_BUFFER: usize = PIECE;
/// Seconds that the first bytes of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server is told.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Threads; 0 for one a core.
    pub workers: usize,
    /// The most connections; half of them a thread with two.
    pub max_connections: usize,
    /// Origins of pages on other hosts that may call.
    pub allowed_origins: Vec<String>,
}

/// Starts the server on `listener`. Signals are left to the caller.
///
/// # Errors
/// When the listener can't be used.
pub fn serve(
    listening: &Listening,
    listener: TcpListener,
    state: Data<State>,
    upgrade: Data<Upgrade>,
) -> std::io::Result<Server> {
    let metrics = state.metrics.clone();
    let origins = listening.allowed_origins.clone();
    let make = move || {
        let socket = web::resource("/api/collaboration/ws")
            .wrap(from_fn(finish))
            .route(web::get().to(ws::upgrade));
        App::new()
            .app_data(state.clone())
            .app_data(upgrade.clone())
            .service(socket)
            .configure(routes(&origins))
    };
    let server = HttpServer::new(make)
        .on_connect(move |connection, data| conn::prepare(connection, data, &metrics))
        .backlog(BACKLOG)
        .h1_write_buffer_size(WRITE_BUFFER)
        .max_connections(listening.max_connections)
        .client_request_timeout(HEAD_TIMEOUT)
        .disable_signals();
    let server = if listening.workers > 0 { server.workers(listening.workers) } else { server };
    Ok(server.listen(listener)?.run())
}
