//! What happens to every accepted connection before its first byte is read: it is counted, and the kernel is
//! told how long unread data may wait.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Extensions;
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::telemetry::Metrics;
use crate::telemetry::metrics::GaugeGuard;

/// How long the kernel keeps data that the peer does not acknowledge.
const USER_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes the kernel may hold for one client that does not read; without a bound it is megabytes.
const SEND_BUFFER: usize = 64 * 1024;

/// Counts an open connection for as long as somebody has it.
#[derive(Clone)]
pub struct Counted(#[expect(dead_code, reason = "counts until it is dropped")] Arc<GaugeGuard>);

/// Prepares an accepted connection. What the platform refuses is left as it was: the session's own
/// clock still bounds everything.
pub fn prepare(stream: &TcpStream, data: &mut Extensions, metrics: &Metrics) {
    data.insert(Counted(Arc::new(metrics.connections.guard())));
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT)).ok();
    socket.set_send_buffer_size(SEND_BUFFER).ok();
    stream.set_nodelay(true).ok();
}

/// Goes on counting the connection that `request` came on when it leaves the server's dispatcher.
pub fn counted(request: &actix_http::Request) -> Option<Counted> {
    request.conn_data::<Counted>().cloned()
}
