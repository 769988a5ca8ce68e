//! Reaching a server and migrating a database.

use diesel_async::SimpleAsyncConnection;
use kyo_collaboration::store::{self, Config, MigrateError, StoreError};

use super::{Schema, count};
use crate::store::Database;

fn failed<T>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Failed(reason)) => reason,
        Err(passing) => panic!("that is no passing fault: {passing}"),
        Ok(_) => panic!("it was let through"),
    }
}

/// How many there are, by their folders.
fn migrations() -> usize {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
    std::fs::read_dir(folder).expect("the folder is there").count()
}

#[tokio::test]
async fn a_database_is_migrated_once() {
    let schema = Schema::empty().await;
    let first = store::migrate(&schema.config()).await.unwrap();
    assert_eq!(first.applied.len(), migrations());
    assert_eq!(store::migrate(&schema.config()).await.unwrap().applied, Vec::<String>::new());
    schema.open().await.ping().await.unwrap();
}

#[tokio::test]
async fn replicas_that_start_together_migrate_once() {
    for _ in 0..5 {
        let schema = Schema::empty().await;
        let config = schema.config();
        let runs = futures_util::future::join_all((0..6).map(|_| store::migrate(&config))).await;
        let applied: usize = runs.into_iter().map(|run| run.unwrap().applied.len()).sum();
        assert_eq!(applied, migrations());
    }
}

#[tokio::test]
async fn a_database_without_schema_is_refused_and_left_alone() {
    let schema = Schema::empty().await;
    let reason = failed(store::connect(&schema.config()).await);
    assert!(reason.contains("older than this binary"), "{reason}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(count(&mut schema.bare().await, tables).await, 0);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let schema = Schema::fresh().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')";
    schema.bare().await.batch_execute(newer).await.unwrap();
    let text = "database schema is newer than this binary: unknown migration 29991231000001";
    let refused = store::migrate(&schema.config()).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Newer(_)));
    assert_eq!(refused.to_string(), text);
    assert_eq!(failed(store::connect(&schema.config()).await), text);
}

/// The pending migrations are one transaction.
#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    let schema = Schema::empty().await;
    schema.bare().await.batch_execute("CREATE TABLE snapshots (n int)").await.unwrap();
    let refused = store::migrate(&schema.config()).await.unwrap_err();
    assert!(matches!(&refused, MigrateError::Failed(_)), "{refused:?}");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(count(&mut schema.bare().await, tables).await, 1);
}

#[tokio::test]
async fn a_role_that_may_not_add_the_extension_is_told_what_to_do() {
    let schema = Schema::empty().await;
    let guest = schema.as_role("guest_of_extensions").await;
    let refused = store::migrate(&guest).await.unwrap_err().to_string();
    assert!(refused.contains("CREATE EXTENSION btree_gist"), "{refused}");
    assert!(refused.contains("owner"), "{refused}");
    schema.bare().await.batch_execute("CREATE EXTENSION btree_gist").await.unwrap();
    assert_eq!(store::migrate(&guest).await.unwrap().applied.len(), migrations());
}

/// The service itself needs no right to change the schema.
#[tokio::test]
async fn a_role_that_may_only_write_rows_runs_the_service() {
    let schema = Schema::fresh().await;
    let worker = schema.as_role("worker").await;
    let rights = "REVOKE CREATE ON SCHEMA public FROM worker;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker";
    schema.bare().await.batch_execute(rights).await.unwrap();
    let store = store::connect(&worker).await.unwrap();
    crate::store::build::Room::new(&store, "acme").await.grow(3).await;
}

#[tokio::test]
async fn a_wrong_address_is_a_clear_fault() {
    let schema = Schema::fresh().await;
    let nowhere = schema.url.replace("/kyo_", "/gone_");
    let reason = failed(store::connect(&Config { url: nowhere, ..schema.config() }).await);
    assert!(reason.contains("can't connect to") && reason.contains("does not exist"), "{reason}");

    let stranger = schema.url.replace("kyo@", "stranger:hunter2@");
    let reason = failed(store::connect(&Config { url: stranger, ..schema.config() }).await);
    assert!(reason.contains("stranger") && !reason.contains("hunter2"), "{reason}");

    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://kyo:hunter2@{deaf}/kyo");
    let refused = store::connect(&Config { url, ..schema.config() }).await.map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "nobody listens yet: {refused}");
    let reason = refused.to_string();
    assert!(reason.contains("refused") && !reason.contains("hunter2"), "{reason}");
}

/// A server that takes the connection and says nothing, as one behind a broken balancer.
#[tokio::test]
async fn a_silent_server_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://kyo@{}/kyo", silent.local_addr().unwrap());
    let config = Config { url, connect_timeout_ms: 100, ..Config::default() };
    let refused = store::connect(&config).await.map(drop).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unavailable(why) if why.contains("100 ms")),
        "{refused}"
    );
}

/// What a session runs with, told by a trigger; the database's own defaults are of the careless kind.
#[tokio::test]
async fn connections_carry_their_settings() {
    let schema = Schema::fresh().await;
    let mut bare = schema.bare().await;
    bare.batch_execute(&format!(
        "ALTER DATABASE {0} SET synchronous_commit = off;
         ALTER DATABASE {0} SET default_transaction_isolation = 'serializable';
         CREATE TABLE seen (name text, value text);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO seen SELECT name, setting FROM pg_settings; RETURN NEW; END $$;
         CREATE TRIGGER see BEFORE INSERT ON rooms FOR EACH ROW EXECUTE FUNCTION see()",
        schema.name()
    ))
    .await
    .unwrap();
    let config = Config {
        application_name: "kyo-seven".to_owned(),
        lock_timeout_ms: 1_234,
        statement_timeout_ms: 7_000,
        idle_in_transaction_ms: 9_000,
        ..schema.config()
    };
    let store = store::connect(&config).await.unwrap();
    crate::store::build::Room::new(&store, "acme").await;
    for (setting, expected) in [
        ("application_name", "kyo-seven"),
        ("synchronous_commit", "on"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", "1234"),
        ("statement_timeout", "7000"),
        ("idle_in_transaction_session_timeout", "9000"),
        ("TimeZone", "UTC"),
    ] {
        let seen =
            format!("SELECT count(*) FROM seen WHERE name = '{setting}' AND value = '{expected}'");
        assert_eq!(count(&mut bare, &seen).await, 1, "{setting}");
    }
}
