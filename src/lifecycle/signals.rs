//! The operator's wish to end the process.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::telemetry::metrics::Notice;

/// SIGTERM and SIGINT, one after the other: a second one says that there is no time.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on the process no longer ends by itself on either of them.
    ///
    /// # Errors
    /// When the handlers can't be installed.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next one that came since [`Signals::listen`] or since the last.
    pub async fn next(&mut self) -> Notice {
        tokio::select! {
            _ = self.terminate.recv() => Notice::Terminate,
            _ = self.interrupt.recv() => Notice::Interrupt,
        }
    }
}
