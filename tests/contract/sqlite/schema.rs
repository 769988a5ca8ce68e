//! Opening and migrating a file.

use diesel::connection::SimpleConnection;
use kyo_collaboration::store::{self, Config, MigrateError, StoreError};

use super::File;
use crate::store::Database;

/// How many there are in `migrations/sqlite`.
const MIGRATIONS: usize = 3;

#[tokio::test]
async fn a_missing_file_is_made_with_its_folder() {
    let file = File::empty();
    let first = store::migrate(&file.config()).await.unwrap();
    assert_eq!(first.applied.len(), MIGRATIONS);
    assert!(file.path().is_file());
    assert_eq!(store::migrate(&file.config()).await.unwrap().applied, Vec::<String>::new());
    file.open().await.ping().await.unwrap();
}

#[tokio::test]
async fn a_file_without_schema_is_refused() {
    let refused = store::connect(&File::empty().config()).await.map(drop);
    let Err(StoreError::Failed(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("older than this binary"), "{reason}");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let file = File::fresh().await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000001')";
    file.bare().batch_execute(newer).unwrap();
    let text =
        "database schema is newer than this binary: unknown migration 29991231000001".to_owned();
    let refused = store::migrate(&file.config()).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Newer(_)));
    assert_eq!(refused.to_string(), text);
    let refused = store::connect(&file.config()).await.map(drop);
    let Err(StoreError::Failed(reason)) = refused else { panic!("{refused:?}") };
    assert_eq!(reason, text);
}

#[tokio::test]
async fn replicas_that_start_together_migrate_once() {
    for _ in 0..20 {
        let file = File::empty();
        let config = file.config();
        let runs = futures_util::future::join_all((0..6).map(|_| store::migrate(&config))).await;
        let applied: usize = runs.into_iter().map(|run| run.unwrap().applied.len()).sum();
        assert_eq!(applied, MIGRATIONS);
        file.open().await.ping().await.unwrap();
    }
}

#[tokio::test]
async fn settings_of_another_database_are_refused() {
    let config = Config { url: "mysql://kyo@db/kyo".to_owned(), ..Config::default() };
    assert!(matches!(store::connect(&config).await.map(drop), Err(StoreError::Failed(_))));
    assert!(matches!(store::migrate(&config).await, Err(MigrateError::Failed(_))));
}

#[tokio::test]
async fn a_folder_that_can_not_be_made_is_a_clear_fault() {
    let file = File::empty();
    std::fs::write(file.folder.path().join("data"), "in the way").unwrap();
    let fault = store::migrate(&file.config()).await.unwrap_err().to_string();
    assert!(fault.contains("can't open") && fault.contains("kyo.db"), "{fault}");
}
