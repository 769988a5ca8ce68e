//! What a migration run did, and why it did not. The migrations are in `migrations/`, each
//! implementation embeds its own.

use diesel::result::Error as DieselError;

use super::StoreError;

/// What a run changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Versions in the order they were applied; empty when the schema was up to date.
    pub applied: Vec<String>,
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
