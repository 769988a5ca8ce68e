//! From settings to a store: the one place that chooses an implementation. Called by `app` and by
//! the `migrate` command.

use std::sync::Arc;

use super::migrate::Logs;
use super::postgres::{self, PostgresStore};
use super::sqlite::{self, SqliteStore};
use super::{Backend, Config, MigrateError, MigrationReport, Store, StoreError, check};

/// Opens the store. The schema must be the one this binary knows: run [`migrate`] first.
///
/// # Errors
/// When the settings are wrong, the database can't be opened, or its schema is older or newer.
pub async fn connect(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    match check(&config.url).map_err(StoreError::Failed)? {
        Backend::Sqlite(path) => Ok(Arc::new(SqliteStore::connect(path, config).await?)),
        Backend::Postgres(address) => Ok(Arc::new(PostgresStore::connect(*address, config).await?)),
    }
}

/// Brings the schema up to date, in one transaction; makes the file of an embedded database when it
/// is not there. Safe to run in several processes at once.
///
/// # Errors
/// When the settings are wrong, the database can't be opened, or it knows migrations that this
/// binary does not; nothing was changed then.
pub async fn migrate(config: &Config) -> Result<MigrationReport, MigrateError> {
    bring_up(config, Logs::AsBefore).await
}

/// The same for a database that was put back from a backup, with a new epoch for every room: whoever
/// knows more of a log than the backup has, or something else after it, begins again from a snapshot.
///
/// # Errors
/// As of [`migrate`].
pub async fn restored(config: &Config) -> Result<MigrationReport, MigrateError> {
    bring_up(config, Logs::Restored).await
}

async fn bring_up(config: &Config, logs: Logs) -> Result<MigrationReport, MigrateError> {
    match check(&config.url).map_err(MigrateError::Failed)? {
        Backend::Sqlite(path) => sqlite::migrate(path, config, logs).await,
        Backend::Postgres(address) => postgres::migrate(*address, config, logs).await,
    }
}
