//! How a connection to the file is opened, and the settings it runs with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::store::StoreError;

/// Everything needed to open one more connection of the same kind.
#[derive(Clone)]
pub(super) struct Opener {
    path: Arc<Path>,
    patience: Duration,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Writer,
    Reader,
}

impl Opener {
    /// For the connection that writes; makes the file and its folder.
    pub(super) fn writer(path: PathBuf, patience: Duration) -> Self {
        Self { path: path.into(), patience, kind: Kind::Writer }
    }

    /// For connections that can't write.
    pub(super) fn reader(path: PathBuf, patience: Duration) -> Self {
        Self { path: path.into(), patience, kind: Kind::Reader }
    }

    /// How long to wait for a lock.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Opens a connection; blocks.
    pub(super) fn open(&self) -> Result<SqliteConnection, StoreError> {
        let path = self.path.to_str().ok_or_else(|| self.fault("path is not UTF-8"))?;
        if matches!(self.kind, Kind::Writer) {
            self.make_folder()?;
        }
        let mut conn = SqliteConnection::establish(path).map_err(|e| self.fault(e))?;
        // First of all, so that the settings below wait for other processes too.
        conn.batch_execute(&format!("PRAGMA busy_timeout = {}", self.patience.as_millis()))?;
        match self.kind {
            Kind::Writer => self.prepare_writer(&mut conn)?,
            Kind::Reader => conn.batch_execute("PRAGMA query_only = ON")?,
        }
        Ok(conn)
    }

    /// `FULL` syncs the log at each commit: without it a power cut could take back an answered
    /// write. With group commit it costs next to nothing (see ADR 3).
    fn prepare_writer(&self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        conn.batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
        )?;
        let mode = diesel::select(sql::<Text>("(SELECT journal_mode FROM pragma_journal_mode)"))
            .get_result::<String>(conn)?;
        if mode == "wal" { Ok(()) } else { Err(self.fault("no write-ahead log on this volume")) }
    }

    fn make_folder(&self) -> Result<(), StoreError> {
        match self.path.parent() {
            Some(folder) => std::fs::create_dir_all(folder).map_err(|e| self.fault(e)),
            None => Ok(()),
        }
    }

    fn fault(&self, reason: impl std::fmt::Display) -> StoreError {
        StoreError::Failed(format!("can't open {}: {reason}", self.path.display()))
    }
}

/// Reads the file itself, not only the connection.
pub(super) fn ping(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    use super::schema::rooms;
    rooms::table.select(rooms::id).first::<Vec<u8>>(conn).optional()?;
    Ok(())
}
