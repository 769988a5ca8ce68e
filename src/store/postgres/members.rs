//! Explicit roles of a room.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::schema::room_members as table;
use crate::domain::{Role, RoomId, UserId};
use crate::store::StoreError;
use crate::store::columns::{corrupt, role, role_text};

/// All of them, by user id.
pub(super) async fn list(
    conn: &mut AsyncPgConnection,
    room: RoomId,
) -> Result<Vec<(UserId, Role)>, StoreError> {
    let found: Vec<(String, String)> = table::table
        .filter(table::room_id.eq(room.0))
        .order(table::user_id)
        .select((table::user_id, table::role))
        .load(conn)
        .await?;
    found
        .iter()
        .map(|(user, text)| Ok((UserId::parse(user).map_err(corrupt)?, role(text)?)))
        .collect()
}

/// Sets one.
pub(super) async fn put(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    user: &UserId,
    role: Role,
) -> Result<(), StoreError> {
    let role = table::role.eq(role_text(role));
    diesel::insert_into(table::table)
        .values((table::room_id.eq(room.0), table::user_id.eq(user.as_str()), role))
        .on_conflict((table::room_id, table::user_id))
        .do_update()
        .set(role)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes one away.
pub(super) async fn delete(
    conn: &mut AsyncPgConnection,
    room: RoomId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let gone = diesel::delete(table::table.find((room.0, user.as_str()))).execute(conn).await?;
    Ok(gone > 0)
}
