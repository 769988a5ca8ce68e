//! The composition root.

use crate::config::Config;

/// Why the service could not serve.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// Serves until told to end.
///
/// # Errors
/// When it can't begin or end in order.
pub async fn serve(config: Config) -> Result<(), Error> {
    Err(Error(format!("port {}: nothing is wired here", config.server.port)))
}

/// Brings the database's schema up to date.
///
/// # Errors
/// When it can't.
pub async fn migrate(config: Config) -> Result<(), Error> {
    Err(Error(format!("{}: nothing is wired here", config.database.url)))
}
