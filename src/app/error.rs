//! Why a replica did not start.

use std::net::SocketAddr;

use crate::bus::BusError;
use crate::store::{MigrateError, StoreError};
use crate::telemetry::trace::StartError;

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The port is taken, or not ours to take.
    #[error("can't listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// The database can't be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The database can't be brought to this version.
    #[error("database: {0}")]
    Migrate(#[from] MigrateError),
    /// The bus can't be used.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The keys can't be used.
    #[error("keys: {}", .0.join("; "))]
    Keys(Vec<String>),
    /// Spans can't be sent.
    #[error("traces: {0}")]
    Trace(#[from] StartError),
    /// The load balancer can't be asked.
    #[error("load balancer: {0}")]
    Balancer(String),
    /// The HTTP server failed.
    #[error("server: {0}")]
    Server(#[from] std::io::Error),
}

impl Error {
    /// Whether the same start may work in a moment.
    pub(super) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Migrate(MigrateError::Unavailable(_)) | Self::Store(StoreError::Unavailable(_))
        )
    }
}
