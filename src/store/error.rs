//! Why a store did not answer, and which faults of the database are passing. The only place that
//! reads database messages.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the store did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Passing: busy, connection lost, pool exhausted. The write may or may not have happened.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// Permanent: corrupt row, broken schema, a bug.
    #[error("store failed: {0}")]
    Failed(String),
}

/// SQLite messages of faults that pass: another process holds the lock, or the volume is full or
/// failing and may be repaired under us. Diesel keeps the text and drops the number.
const PASSING: [&str; 5] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        let text = error.to_string();
        if is_passing(&error) || PASSING.iter().any(|passing| text.contains(passing)) {
            Self::Unavailable(text)
        } else {
            Self::Failed(text)
        }
    }
}

/// Besides lost connections: a transaction that the database ended by itself, as SQLite does when
/// the disk is full, and of which Diesel then says only that it is gone.
fn is_passing(error: &DieselError) -> bool {
    use DatabaseErrorKind::{ClosedConnection, SerializationFailure, UnableToSendCommand};
    matches!(
        error,
        DieselError::DatabaseError(
            ClosedConnection | SerializationFailure | UnableToSendCommand,
            _
        ) | DieselError::BrokenTransactionManager
            | DieselError::NotInTransaction
            | DieselError::RollbackErrorOnCommit { .. }
    )
}
