//! How a connection to the file is opened, and the settings it runs with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::store::StoreError;

/// Between two tries to switch the journal.
const PAUSE: Duration = Duration::from_millis(5);

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
        self.switch_to_wal(conn)?;
        conn.batch_execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
        let mode = diesel::select(sql::<Text>("(SELECT journal_mode FROM pragma_journal_mode)"))
            .get_result::<String>(conn)?;
        if mode == "wal" { Ok(()) } else { Err(self.fault("no write-ahead log on this volume")) }
    }

    /// The first switch of a file changes a lock in a way for which SQLite does not wait by itself:
    /// of two processes that start together one is told at once that the file is locked.
    fn switch_to_wal(&self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        let mut waited = Duration::ZERO;
        loop {
            match conn.batch_execute("PRAGMA journal_mode = WAL").map_err(StoreError::from) {
                Err(StoreError::Unavailable(_)) if waited < self.patience => {
                    std::thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                outcome => return outcome,
            }
        }
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

#[cfg(test)]
mod tests {
    use diesel::sql_types::Integer;

    use super::*;

    fn setting(conn: &mut SqliteConnection, name: &str) -> i32 {
        let query = format!("(SELECT * FROM pragma_{name})");
        diesel::select(sql::<Integer>(&query)).get_result(conn).unwrap()
    }

    /// No test can cut the power, so the setting that makes it harmless is checked itself.
    #[test]
    fn writes_are_synced_and_readers_can_not_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/kyo.db");
        let patience = Duration::from_millis(1_234);
        let mut writer = Opener::writer(path.clone(), patience).open().unwrap();
        let mut reader = Opener::reader(path, patience).open().unwrap();
        const FULL: i32 = 2;
        assert_eq!(setting(&mut writer, "synchronous"), FULL);
        assert_eq!(setting(&mut writer, "foreign_keys"), 1);
        for conn in [&mut writer, &mut reader] {
            assert_eq!(setting(conn, "busy_timeout"), 1_234);
        }
        assert!(reader.batch_execute("CREATE TABLE marks (mark INTEGER)").is_err());
    }
}
