//! The operator's wish to end the process.

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::telemetry::metrics::Notice;

/// Resolves at the next SIGTERM or SIGINT. The process no longer ends by itself on either from the
/// first call on, so a second call is how a second, impatient signal is noticed.
///
/// # Errors
/// When the handlers can't be installed.
pub async fn signals() -> io::Result<Notice> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => Notice::Terminate,
        _ = interrupt.recv() => Notice::Interrupt,
    })
}
