//! The embedded migrations of `migrations/postgres`.

use diesel::connection::{Connection, SimpleConnection};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::address::Address;
use super::open::Opener;
use super::rows::only;
use crate::store::migrate::{Known, Logs, failed};
use crate::store::{Config, MigrateError, MigrationReport, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Held until the transaction ends. The number is "kyo" in ASCII; other users of advisory locks in
/// the same database must keep away from it.
const TURN: &str = "SELECT pg_advisory_xact_lock(7043439)";

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

/// Applies what is pending. One transaction around all, behind a lock: of two processes that start
/// together the second finds nothing to do.
pub(in crate::store) async fn migrate(
    address: Address,
    config: &Config,
    logs: Logs,
) -> Result<MigrationReport, MigrateError> {
    let opener = Opener::for_migrations(address, config)?;
    let opening = tokio::spawn(async move { opener.open().await });
    let opened = opening.await.map_err(|e| MigrateError::Failed(e.to_string()))??;
    let run = tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::from(opened.sql);
        conn.transaction(|conn| {
            conn.batch_execute(TURN)?;
            let applied = conn.applied_migrations().map_err(failed)?;
            let applied: Vec<String> = applied.iter().map(ToString::to_string).collect();
            known()?.require_none_newer(&applied)?;
            let applied =
                conn.run_pending_migrations(MIGRATIONS).map_err(failed).map_err(advise)?;
            let applied = applied.iter().map(ToString::to_string).collect();
            let moved = renumber(conn)?;
            // Whatever else is in a dump, its rooms are not where clients left them.
            let others = logs == Logs::Restored || moved > 0;
            let renewed = if others { renew(conn)? } else { 0 };
            Ok(MigrationReport { applied, renewed })
        })
    });
    run.await.map_err(|e| MigrateError::Failed(e.to_string()))?
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// How many events were moved; see `migrations/postgres`.
    fn kyo_renumber_events_1() -> BigInt;
}

/// Makes the feed's order whole after a dump was loaded into another server; how many events were moved.
fn renumber(conn: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<i64, MigrateError> {
    let renumbering = diesel::select(kyo_renumber_events_1());
    let moved: i64 = diesel::RunQueryDsl::get_result(renumbering, conn)?;
    if moved > 0 {
        tracing::warn!(moved, "events had the numbers of another server and were renumbered");
    }
    Ok(moved)
}

/// Gives every room an epoch which no client has seen.
fn renew(conn: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<usize, MigrateError> {
    let all = "UPDATE rooms SET epoch = greatest(epoch + 1, extract(epoch FROM now())::bigint)";
    Ok(diesel::RunQueryDsl::execute(diesel::sql_query(all), conn)?)
}

/// Refuses a schema that is not the one this binary knows. Changes nothing, so that the service can
/// run as a role that may not change the schema.
pub(super) async fn require_current(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let begun = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(
        "to_regclass('__diesel_schema_migrations') IS NOT NULL",
    ));
    let applied: Vec<String> = if only(begun.load(conn).await?)? {
        let versions = __diesel_schema_migrations::table;
        versions.select(__diesel_schema_migrations::version).load(conn).await?
    } else {
        Vec::new()
    };
    Ok(known()?.require_current(&applied)?)
}

/// What an operator has to do where the role may not add the extension, or the server lacks it.
fn advise(error: MigrateError) -> MigrateError {
    match error {
        MigrateError::Failed(reason) if reason.contains("extension") => {
            MigrateError::Failed(format!(
                "{reason}; the owner of the database or a superuser has to run \
             CREATE EXTENSION btree_gist in it once (PostgreSQL's contrib modules have it)"
            ))
        }
        other => other,
    }
}

fn known() -> Result<Known, MigrateError> {
    Known::of::<Pg>(&MIGRATIONS)
}
