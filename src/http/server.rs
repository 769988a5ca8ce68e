//! The HTTP server around the routes: threads, connections and what each is prepared with. It is what
//! `actix_web::HttpServer` puts together, and the one thing that leaves no place for: who takes upgrades.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::map_config;
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use socket2::{Domain, Socket, Type};

use super::spans::traced;
use super::upgraded::upgrades;
use super::ws::{self, Upgrade};
use super::{State, conn, finish, routes};
use crate::engineio::Mount;

/// Connections that wait to be accepted: a reconnect storm comes all at once.
const BACKLOG: i32 = 4_096;
/// Bytes of an answer gathered before a write. Who polls keeps his connection and with it the buffer, of 8 KiB
/// at first, which actix-http lets grow to 128 KiB.
const WRITE_BUFFER: usize = 4 * 1024;
/// For the first bytes of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// For a client that is told to go to end its side.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a connection may be idle between two requests: longer than what load balancers keep one,
/// which would send a request into a connection that is just being closed (AWS: 60 s).
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Seconds that requests have to be answered when the server ends; idle connections wait as long.
const LAST_REQUESTS: u64 = 2;

/// What the server is told.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Threads; 0 for one a core.
    pub workers: usize,
    /// The most connections, spread evenly over the threads.
    pub max_connections: usize,
    /// Origins of pages on other hosts that may call.
    pub allowed_origins: Vec<String>,
}

/// Listens on `address`.
///
/// # Errors
/// When the port is taken or not ours to take.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
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
    socketio: Mount,
) -> std::io::Result<Server> {
    let metrics = state.metrics.clone();
    let origins = listening.allowed_origins.clone();
    let make = move || {
        let socket =
            web::resource(ws::PATH).wrap(from_fn(finish)).route(web::get().to(ws::upgrade));
        App::new()
            .app_data(state.clone())
            .app_data(upgrade.clone())
            .service(socket)
            .configure(|cfg| socketio.configure(cfg))
            .configure(routes(&origins))
            .wrap(from_fn(traced))
    };
    let workers = match listening.workers {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        workers => workers,
    };
    let address = listener.local_addr()?;
    let server = ServerBuilder::default()
        .workers(workers)
        .max_concurrent_connections(listening.max_connections.div_ceil(workers))
        .shutdown_timeout(LAST_REQUESTS)
        .disable_signals();
    let ending = server.graceful_shutdown_signal();
    let server = server.listen("http", listener, move || {
        let (metrics, ending) = (metrics.clone(), ending.clone());
        let app = || map_config(make(), |()| AppConfig::default());
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let ending = ending.clone();
                async move { ending.notified().await }
            })
            .local_addr(address)
            .on_connect_ext(move |stream, data| conn::prepare(stream, data, &metrics))
            .h1_write_buffer_size(WRITE_BUFFER)
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(DISCONNECT_TIMEOUT)
            .keep_alive(KEEP_ALIVE)
            // Who breaks off a long poll has left, and is to be missed at once.
            .h1_allow_half_closed(false)
            .upgrade(upgrades(app()))
            .h1(app())
            .tcp()
    })?;
    Ok(server.run())
}
