//! How a connection to the server is opened, and the settings that it runs with.

use std::path::Path;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use rustls_tokio_postgres::rustls::ClientConfig;
use rustls_tokio_postgres::{MakeRustlsConnect, config_from_ca_cert, config_no_verify};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::address::Address;
use super::rows::only;
use crate::store::error::{refused_connection, with_causes};
use crate::store::{Config, StoreError};

/// Keep-alive probes without an answer until a connection is given up, and the pause between two.
const PROBES: u32 = 3;
const BETWEEN_PROBES: Duration = Duration::from_secs(3);

/// Everything needed to open one more connection of the same kind.
#[derive(Clone)]
pub(super) struct Opener {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    patience: Duration,
    session: String,
    place: String,
    home: Handle,
}

/// An open connection and the task that moves its bytes.
pub(super) struct Opened {
    pub(super) sql: AsyncPgConnection,
    driver: JoinHandle<()>,
}

impl Opened {
    /// Whether the server or the network has ended it.
    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_finished()
    }
}

impl Opener {
    /// For the work of a store.
    pub(super) fn for_work(address: Address, config: &Config) -> Result<Self, StoreError> {
        let session = format!(
            "{COMMON} {PLANS} SET statement_timeout = {}; SET lock_timeout = {}; \
             SET idle_in_transaction_session_timeout = {};",
            config.statement_timeout_ms, config.lock_timeout_ms, config.idle_in_transaction_ms
        );
        Self::new(address, config, session)
    }

    /// For changes of the schema, which may take as long as they take. Waiting for other
    /// migrations and for locks is bounded by the server's own settings alone.
    pub(super) fn for_migrations(address: Address, config: &Config) -> Result<Self, StoreError> {
        let session = format!("{COMMON} SET statement_timeout = 0; SET lock_timeout = 0;");
        Self::new(address, config, session)
    }

    fn new(address: Address, config: &Config, session: String) -> Result<Self, StoreError> {
        let tls = match &config.ca_file {
            Some(path) if address.verifies() => trusted(path).map_err(StoreError::Failed)?,
            _ => config_no_verify(),
        };
        let connect = Duration::from_millis(config.connect_timeout_ms);
        let mut server = address.config;
        server
            .application_name(&config.application_name)
            .connect_timeout(connect)
            .tcp_user_timeout(Duration::from_millis(config.tcp_user_timeout_ms))
            .keepalives_idle(Duration::from_millis(config.keepalive_ms))
            .keepalives_interval(BETWEEN_PROBES)
            .keepalives_retries(PROBES);
        Ok(Self {
            config: server,
            tls: MakeRustlsConnect::new(tls),
            patience: connect,
            session,
            place: config.redacted_url(),
            home: Handle::current(),
        })
    }

    /// The runtime that connections live on.
    pub(super) fn home(&self) -> &Handle {
        &self.home
    }

    /// Opens one; must run at home.
    pub(super) async fn open(&self) -> Result<Opened, StoreError> {
        match timeout(self.patience, self.establish()).await {
            Ok(opened) => opened,
            Err(_) => Err(StoreError::Unavailable(format!(
                "can't connect to {}: no answer in {} ms",
                self.place,
                self.patience.as_millis()
            ))),
        }
    }

    async fn establish(&self) -> Result<Opened, StoreError> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, connection) =
            connected.map_err(|error| refused_connection(&self.place, &error))?;
        let driver = self.home.spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(error = with_causes(&error), "database connection lost");
            }
        });
        let sql = AsyncPgConnection::try_from(client).await;
        let mut sql = sql.map_err(|error| {
            StoreError::Unavailable(format!("can't connect to {}: {error}", self.place))
        })?;
        sql.batch_execute(&self.session).await?;
        Ok(Opened { sql, driver })
    }
}

/// Tells the operator when the server does not speak English: then faults that pass look permanent.
pub(super) async fn listen(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let language = diesel::select(sql::<Text>("current_setting('lc_messages')"));
    let language: String = only(language.load(conn).await?)?;
    let english = ["C", "POSIX", "en", "English"].iter().any(|name| language.starts_with(name));
    if !english && !language.is_empty() {
        tracing::warn!(
            lc_messages = language,
            "the database does not speak English, so its passing faults are taken for permanent \
             ones; ALTER DATABASE … SET lc_messages = 'C' puts that right"
        );
    }
    Ok(())
}

/// Connections whose server must be vouched for by one of these authorities.
///
/// # Errors
/// What is wrong with the file, for people.
pub(in crate::store) fn trusted(authorities: &Path) -> Result<ClientConfig, String> {
    config_from_ca_cert(authorities).map_err(|fault| format!("{}: {fault}", authorities.display()))
}

/// `read committed` is what the append functions are written for. A commit is durable when it is
/// answered, whatever the server's default, unless that is stricter still.
const COMMON: &str = "\
    SET default_transaction_isolation = 'read committed'; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') = 'off';";

/// Every query here goes by a key. A plan that was made for a table of ten rows must not read all of
/// ten million an hour later, and none is worth compiling.
const PLANS: &str = "\
    SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
    SET jit = off;";
