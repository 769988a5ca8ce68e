//! The embedded migrations of `migrations/sqlite`.

use std::collections::HashSet;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::open::Opener;
use crate::store::{Config, MigrateError, MigrationReport, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Applies what is pending. One transaction around all, which takes the write lock first: of two
/// processes that start together the second finds nothing to do.
pub(in crate::store) async fn migrate(
    path: PathBuf,
    config: &Config,
) -> Result<MigrationReport, MigrateError> {
    let opener = Opener::writer(path, Duration::from_millis(config.busy_timeout_ms));
    let run = tokio::task::spawn_blocking(move || {
        opener.open()?.immediate_transaction(|conn| {
            require_known(conn)?;
            let applied = conn.run_pending_migrations(MIGRATIONS).map_err(failed)?;
            Ok(MigrationReport { applied: applied.iter().map(ToString::to_string).collect() })
        })
    });
    run.await.map_err(|e| MigrateError::Failed(e.to_string()))?
}

/// Refuses a schema that is not the one this binary knows.
pub(super) fn require_current(conn: &mut SqliteConnection) -> Result<(), MigrateError> {
    require_known(conn)?;
    match conn.pending_migrations(MIGRATIONS).map_err(failed)?.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(MigrateError::Failed(format!(
            "database schema is older than this binary: pending migration {}; run `migrate`",
            first.name()
        ))),
    }
}

fn require_known(conn: &mut SqliteConnection) -> Result<(), MigrateError> {
    let known: Vec<Box<dyn Migration<Sqlite>>> = MIGRATIONS.migrations().map_err(failed)?;
    let known: HashSet<_> = known.iter().map(|m| m.name().version().to_string()).collect();
    let applied = conn.applied_migrations().map_err(failed)?;
    match applied.iter().map(ToString::to_string).find(|version| !known.contains(version)) {
        Some(unknown) => Err(MigrateError::Newer(unknown)),
        None => Ok(()),
    }
}

/// Diesel's harness hides the database's error in a box; a locked file must still read as passing.
fn failed(error: Box<dyn Error + Send + Sync>) -> MigrateError {
    match error.downcast::<diesel::result::Error>() {
        Ok(error) => StoreError::from(*error).into(),
        Err(other) => MigrateError::Failed(other.to_string()),
    }
}
