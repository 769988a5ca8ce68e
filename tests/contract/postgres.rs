//! The PostgreSQL store under the contract, and what is special about a server: other replicas,
//! restarts, broken connections, privileges and encryption.

#[path = "postgres/faults.rs"]
mod faults;
#[path = "postgres/feed.rs"]
mod feed;
#[path = "postgres/opening.rs"]
mod opening;
#[path = "postgres/races.rs"]
mod races;
#[path = "postgres/tls.rs"]
mod tls;

use std::sync::Arc;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use kyo_collaboration::store::{self, Config, Store};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::servers;
use crate::store::{Database, store_contract};

/// A database of its own on the server of this test binary.
struct Schema {
    url: String,
}

impl Schema {
    async fn empty() -> Self {
        // Beside the test: what the servers do is not all `Send`, which cases must be.
        let home = Handle::current();
        let making = spawn_blocking(move || {
            home.block_on(async { servers::postgres().await.database().await })
        });
        Self { url: making.await.expect("a new database") }
    }

    fn config(&self) -> Config {
        Config { url: self.url.clone(), busy_timeout_ms: 20_000, ..Config::default() }
    }

    fn name(&self) -> &str {
        self.url.rsplit('/').next().expect("an address with a database")
    }

    /// The settings for a role that may make tables here, and nothing else.
    async fn as_role(&self, role: &str) -> Config {
        let make = format!("CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}");
        let url = self.url.replace("/kyo@", &format!("/{role}@"));
        let superuser = self.url.replace("/kyo@", "/postgres@");
        let mut superuser = AsyncPgConnection::establish(&superuser).await.expect("it runs");
        superuser.batch_execute(&make).await.expect("a superuser may do this");
        Config { url, ..self.config() }
    }

    /// A connection as another program would have it.
    async fn bare(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url).await.expect("the server runs")
    }
}

#[async_trait]
impl Database for Schema {
    async fn fresh() -> Self {
        let schema = Self::empty().await;
        store::migrate(&schema.config()).await.expect("a migrated database");
        schema
    }

    async fn restored(&self) -> usize {
        store::restored(&self.config()).await.expect("a restored database").renewed
    }

    async fn open(&self) -> Arc<dyn Store> {
        store::connect(&self.config()).await.expect("an open store")
    }
}

/// Sessions that keep a transaction open without doing anything, in the same database.
const IDLE_IN_TRANSACTION: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE state LIKE 'idle in transaction%' AND datname = current_database()";

/// The answer of a query that counts.
async fn count(connection: &mut AsyncPgConnection, query: &str) -> i64 {
    let counting = diesel::select(sql::<BigInt>(&format!("({query})")));
    counting.load(connection).await.expect("a number")[0]
}

mod contract {
    use super::{Schema, store_contract};

    store_contract!(Schema);
}
