//! The embedded migrations of `migrations/sqlite`.

use std::path::PathBuf;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::open::Opener;
use crate::store::migrate::{Known, Logs, failed};
use crate::store::{Config, MigrateError, MigrationReport};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Applies what is pending. One transaction around all, which takes the write lock first: of two
/// processes that start together the second finds nothing to do.
pub(in crate::store) async fn migrate(
    path: PathBuf,
    config: &Config,
    logs: Logs,
) -> Result<MigrationReport, MigrateError> {
    let opener = Opener::writer(path, Duration::from_millis(config.busy_timeout_ms));
    let run = tokio::task::spawn_blocking(move || {
        opener.open()?.immediate_transaction(|conn| {
            known()?.require_none_newer(&applied(conn)?)?;
            let applied = conn.run_pending_migrations(MIGRATIONS).map_err(failed)?;
            let applied = applied.iter().map(ToString::to_string).collect();
            let renewed = if logs == Logs::Restored { renew(conn)? } else { 0 };
            Ok(MigrationReport { applied, renewed })
        })
    });
    run.await.map_err(|e| MigrateError::Failed(e.to_string()))?
}

/// Gives every room an epoch which no client has seen.
fn renew(conn: &mut SqliteConnection) -> Result<usize, MigrateError> {
    let all = "UPDATE rooms SET epoch = max(epoch + 1, unixepoch())";
    Ok(diesel::sql_query(all).execute(conn)?)
}

/// Refuses a schema that is not the one this binary knows.
pub(super) fn require_current(conn: &mut SqliteConnection) -> Result<(), MigrateError> {
    known()?.require_current(&applied(conn)?)
}

fn known() -> Result<Known, MigrateError> {
    Known::of::<Sqlite>(&MIGRATIONS)
}

fn applied(conn: &mut SqliteConnection) -> Result<Vec<String>, MigrateError> {
    let applied = conn.applied_migrations().map_err(failed)?;
    Ok(applied.iter().map(ToString::to_string).collect())
}
