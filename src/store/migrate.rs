//! What a migration run did, and why it did not; which schema a binary works with. The migrations are
//! in `migrations/`, each implementation embeds its own.

use std::error::Error;

use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel::result::Error as DieselError;
use diesel_migrations::EmbeddedMigrations;

use super::StoreError;

/// What a run changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Versions in the order they were applied; empty when the schema was up to date.
    pub applied: Vec<String>,
    /// Rooms that were given an epoch which no client has seen: their logs are no longer those that
    /// clients know.
    pub renewed: usize,
}

/// Whether logs are taken for others than clients know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logs {
    /// Unless the database itself says so.
    AsBefore,
    /// An operator says so: a backup was restored.
    Restored,
}

/// Why the schema is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer binary was here; running on would misread its data.
    #[error("database schema is newer than this binary: unknown migration {0}")]
    Newer(String),
    /// Passing: another process holds the database.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// Permanent.
    #[error("migration failed: {0}")]
    Failed(String),
}

impl From<StoreError> for MigrateError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
            StoreError::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl From<DieselError> for MigrateError {
    fn from(error: DieselError) -> Self {
        StoreError::from(error).into()
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Unavailable(reason) => Self::Unavailable(reason),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// The migrations of this binary, in order.
pub(super) struct Known(Vec<Name>);

struct Name {
    version: String,
    full: String,
}

impl Known {
    /// Those of one database.
    pub(super) fn of<DB: Backend>(embedded: &EmbeddedMigrations) -> Result<Self, MigrateError> {
        let all: Vec<Box<dyn Migration<DB>>> = embedded.migrations().map_err(failed)?;
        let names = all.iter().map(|migration| Name {
            version: migration.name().version().to_string(),
            full: migration.name().to_string(),
        });
        let mut names: Vec<Name> = names.collect();
        names.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(Self(names))
    }

    /// Refuses a database with a migration that this binary does not have.
    pub(super) fn require_none_newer(&self, applied: &[String]) -> Result<(), MigrateError> {
        let is_known = |version: &&String| self.0.iter().any(|name| name.version == **version);
        match applied.iter().find(|version| !is_known(version)) {
            Some(unknown) => Err(MigrateError::Newer(unknown.clone())),
            None => Ok(()),
        }
    }

    /// Refuses a database whose schema is not exactly the one of this binary.
    pub(super) fn require_current(&self, applied: &[String]) -> Result<(), MigrateError> {
        self.require_none_newer(applied)?;
        match self.0.iter().find(|name| !applied.contains(&name.version)) {
            None => Ok(()),
            Some(pending) => Err(MigrateError::Failed(format!(
                "database schema is older than this binary: pending migration {}; run `migrate`",
                pending.full
            ))),
        }
    }
}

/// Diesel's harness hides the database's error in a box; a locked database must still read as passing.
pub(super) fn failed(error: Box<dyn Error + Send + Sync>) -> MigrateError {
    match error.downcast::<DieselError>() {
        Ok(error) => StoreError::from(*error).into(),
        Err(other) => MigrateError::Failed(other.to_string()),
    }
}
