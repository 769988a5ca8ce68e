//! The SQLite store under the contract, and what is special about a file: opening, migrating, other
//! processes, and their deaths.

#[path = "sqlite/crash.rs"]
mod crash;
#[path = "sqlite/feed.rs"]
mod feed;
#[path = "sqlite/schema.rs"]
mod schema;

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use kyo_collaboration::store::{self, AppendOutcome, Config, Store, StoreError};
use tempfile::TempDir;

use crate::store::build::Room;
use crate::store::{Database, store_contract};

/// A file in a folder of its own, which goes when the test is over.
struct File {
    folder: TempDir,
}

impl File {
    fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data/kyo.db")
    }

    fn config(&self) -> Config {
        let url = format!("sqlite://{}", self.path().display());
        Config { url, pool: 2, busy_timeout_ms: 20_000, ..Config::default() }
    }

    /// The bare file, as another program would see it.
    fn bare(&self) -> SqliteConnection {
        let path = self.path();
        SqliteConnection::establish(path.to_str().expect("a plain path")).expect("a connection")
    }
}

#[async_trait]
impl Database for File {
    async fn fresh() -> Self {
        let file = Self::empty();
        store::migrate(&file.config()).await.expect("a migrated file");
        file
    }

    async fn restored(&self) -> usize {
        store::restored(&self.config()).await.expect("a restored database").renewed
    }

    async fn open(&self) -> Arc<dyn Store> {
        store::connect(&self.config()).await.expect("an open store")
    }
}

mod contract {
    use super::{File, store_contract};

    store_contract!(File);
}

#[tokio::test]
async fn another_process_that_holds_the_file_makes_it_unavailable() {
    let file = File::fresh().await;
    let impatient = Config { busy_timeout_ms: 50, ..file.config() };
    let room = Room::new(&store::connect(&impatient).await.unwrap(), "acme").await;
    let mut other = file.bare();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = room.store.append(vec![room.draft(0).event().0]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(room.log().await, [], "readers are not hindered");
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(room.append(room.draft(0).event()).await, AppendOutcome::Committed);
}

#[tokio::test]
async fn more_readers_than_connections_take_turns() {
    let file = File::fresh().await;
    let store = file.open().await;
    let pings = (0..500).map(|_| store.ping());
    for answer in futures_util::future::join_all(pings).await {
        answer.unwrap();
    }
}

#[test]
fn a_runtime_that_stops_leaves_its_write_whole_and_the_store_usable() {
    crate::store::races::outlive_a_runtime_that_stops::<File>();
}
