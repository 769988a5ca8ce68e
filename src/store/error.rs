//! Why a store did not answer, and which faults of the database are passing. The only place that
//! reads database messages.

use std::error::Error;

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

/// Messages of faults that pass. Diesel keeps the text and drops the number, for both databases; a
/// PostgreSQL server must therefore speak English (`lc_messages`), of which opening a connection warns.
///
/// SQLite: another process holds the lock, or the volume is full or failing and may be repaired under
/// us. PostgreSQL: a limit of time or space was reached, or the server is on its way out or in.
const PASSING: [&str; 14] = [
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "canceling statement due to",
    DEADLOCK,
    "terminating connection",
    "the database system is",
    "too many clients already",
    "connection slots are reserved",
    "out of shared memory",
    "No space left on device",
    "could not extend file",
];
const DEADLOCK: &str = "deadlock detected";

/// What the append functions of PostgreSQL say when a call must be applied change by change, and the
/// constraints that speak for them: when another transaction was first, when an operation is known, and
/// when a course takes what it has.
const NEAR_AN_OVERRIDE: &str = "kyo: an override is near";
const NEVER_OVERLAP: &str = "occupancies_enforced_never_overlap";
const KNOWN_OPERATION: &str = "events_of_operation";
const TAKEN_AGAIN: &str = "occupancies_pkey";

/// Whether the database certainly undid a transaction that may well succeed when tried again.
pub(super) fn was_undone(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        DieselError::DatabaseError(_, said) => said.message().contains(DEADLOCK) || overlaps(error),
        _ => false,
    }
}

/// Whether a call was undone because one of its rooms may be refused or repeats an operation: which, and
/// why, has to be looked at room by room.
pub(super) fn asks_for_a_closer_look(error: &DieselError) -> bool {
    let DieselError::DatabaseError(kind, said) = error else { return false };
    let repeats = matches!(kind, DatabaseErrorKind::UniqueViolation)
        && matches!(said.constraint_name(), Some(KNOWN_OPERATION | TAKEN_AGAIN));
    said.message() == NEAR_AN_OVERRIDE || repeats || overlaps(error)
}

fn overlaps(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ExclusionViolation, said)
            if said.constraint_name() == Some(NEVER_OVERLAP)
    )
}

/// Why a PostgreSQL server at `place` did not let us in. Wrong names and passwords stay wrong;
/// everything else may pass.
pub(super) fn refused_connection(place: &str, error: &tokio_postgres::Error) -> StoreError {
    let text = format!("can't connect to {place}: {}", with_causes(error));
    match error.code().map(tokio_postgres::error::SqlState::code) {
        // Invalid authorization; no such database; no privilege to connect.
        Some(code) if code.starts_with("28") || code == "3D000" || code == "42501" => {
            StoreError::Failed(text)
        }
        _ => StoreError::Unavailable(text),
    }
}

/// An error with what it hides; the driver's own text is often as short as "db error".
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

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
    use DatabaseErrorKind::{
        ClosedConnection, ExclusionViolation, ReadOnlyTransaction, SerializationFailure,
        UnableToSendCommand,
    };
    matches!(
        error,
        DieselError::DatabaseError(
            ClosedConnection
                // Only ever between transactions: a rule that holds inside one is found before.
                | ExclusionViolation
                // The primary became a replica; another connection finds the new one.
                | ReadOnlyTransaction
                | SerializationFailure
                | UnableToSendCommand,
            _
        ) | DieselError::BrokenTransactionManager
            | DieselError::NotInTransaction
            | DieselError::RollbackErrorOnCommit { .. }
    )
}
