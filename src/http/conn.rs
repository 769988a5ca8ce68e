//! What happens to every accepted connection before its first byte is read: the kernel is told how
//! long unread data may wait, and a way to cut it from outside is kept. Both because a WebSocket
//! actor stands still while its client does not read (actix-web issue 2441).

use std::any::Any;
use std::os::fd::AsFd;
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use socket2::SockRef;

use crate::actors::session::KillHandle;
use crate::telemetry::Metrics;
use crate::telemetry::metrics::GaugeGuard;

/// How long the kernel keeps data that the peer does not acknowledge.
const USER_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes the kernel may hold for one client that does not read; without a bound it is megabytes.
const SEND_BUFFER: usize = 64 * 1024;

/// Counts an open connection; lives as long as it does.
struct Counted(#[expect(dead_code, reason = "counts until it is dropped")] GaugeGuard);

/// Prepares an accepted connection. What the platform refuses is left as it was: the session's own
/// clock still bounds everything.
pub fn prepare(connection: &dyn Any, data: &mut Extensions, metrics: &Metrics) {
    data.insert(std::sync::Arc::new(Counted(metrics.connections.guard())));
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let socket = SockRef::from(stream);
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT)).ok();
    socket.set_send_buffer_size(SEND_BUFFER).ok();
    stream.set_nodelay(true).ok();
    if let Ok(duplicate) = stream.as_fd().try_clone_to_owned() {
        data.insert(KillHandle::new(duplicate.into()));
    }
}
