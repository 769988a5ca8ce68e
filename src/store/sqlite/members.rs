//! Explicit roles of a room.

use diesel::prelude::*;

use super::rows::key;
use super::schema::room_members as table;
use crate::domain::{Role, RoomId, UserId};
use crate::store::StoreError;
use crate::store::columns::{corrupt, role, role_text};

/// All of them, by user id.
pub(super) fn list(
    conn: &mut SqliteConnection,
    room: RoomId,
) -> Result<Vec<(UserId, Role)>, StoreError> {
    let found: Vec<(String, String)> = table::table
        .filter(table::room_id.eq(key(&room)))
        .order(table::user_id)
        .select((table::user_id, table::role))
        .load(conn)?;
    found
        .iter()
        .map(|(user, text)| Ok((UserId::parse(user).map_err(corrupt)?, role(text)?)))
        .collect()
}

/// Sets one.
pub(super) fn put(
    conn: &mut SqliteConnection,
    room: RoomId,
    user: &UserId,
    role: Role,
) -> Result<(), StoreError> {
    diesel::replace_into(table::table)
        .values((
            table::room_id.eq(key(&room)),
            table::user_id.eq(user.as_str()),
            table::role.eq(role_text(role)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes one away.
pub(super) fn delete(
    conn: &mut SqliteConnection,
    room: RoomId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let deleted = diesel::delete(table::table.find((key(&room), user.as_str()))).execute(conn)?;
    Ok(deleted > 0)
}
