//! How values lie in columns, in whichever database. What breaks a rule of its record is corrupt: a
//! permanent failure, never a guess.

use std::fmt::Display;

use super::StoreError;
use crate::domain::{Hold, ResourceKind, Role};

/// All rows as records, or the first fault.
pub(super) fn records<Row, Record>(rows: Vec<Row>) -> Result<Vec<Record>, StoreError>
where
    Record: TryFrom<Row, Error = StoreError>,
{
    rows.into_iter().map(Record::try_from).collect()
}

/// A sequence number from its column.
pub(super) fn seq(column: i64) -> Result<u64, StoreError> {
    u64::try_from(column).map_err(corrupt)
}

/// A sequence number or limit for a comparison: what no column can hold is the largest that one can.
pub(super) fn bound<N: TryInto<i64>>(number: N) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// A role as text.
pub(super) fn role_text(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Editor => "editor",
        Role::Viewer => "viewer",
    }
}

/// A role from its text.
pub(super) fn role(text: &str) -> Result<Role, StoreError> {
    match text {
        "owner" => Ok(Role::Owner),
        "editor" => Ok(Role::Editor),
        "viewer" => Ok(Role::Viewer),
        other => Err(corrupt(format!("role {other}"))),
    }
}

/// A kind of resource as text.
pub(super) fn kind_text(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Trainer => "trainer",
        ResourceKind::Studio => "studio",
    }
}

/// A kind of resource from its text.
pub(super) fn kind(text: &str) -> Result<ResourceKind, StoreError> {
    match text {
        "trainer" => Ok(ResourceKind::Trainer),
        "studio" => Ok(ResourceKind::Studio),
        other => Err(corrupt(format!("resource kind {other}"))),
    }
}

/// A hold as text.
pub(super) fn hold_text(hold: Hold) -> &'static str {
    match hold {
        Hold::Enforced => "enforced",
        Hold::Overridden => "overridden",
        Hold::Free => "free",
    }
}

/// A hold from its text.
pub(super) fn hold(text: &str) -> Result<Hold, StoreError> {
    match text {
        "enforced" => Ok(Hold::Enforced),
        "overridden" => Ok(Hold::Overridden),
        "free" => Ok(Hold::Free),
        other => Err(corrupt(format!("hold {other}"))),
    }
}

/// Which of the newest bodies, by size and newest first, fit together in `most` bytes: how many.
pub(super) fn fitting(sizes: &[i64], most: u64) -> u64 {
    let mut bytes = 0_u64;
    let fits = |size: &&i64| {
        bytes = bytes.saturating_add(size.unsigned_abs());
        bytes <= most
    };
    sizes.iter().take_while(fits).count() as u64
}

/// A row that breaks a rule.
pub(super) fn corrupt(fault: impl Display) -> StoreError {
    StoreError::Failed(format!("corrupt row: {fault}"))
}
