//! Encryption and passwords, on a server of its own that wants both.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use diesel_async::{AsyncConnection, AsyncPgConnection};
use kyo_collaboration::store::{self, Config, StoreError};

use super::count;
use crate::servers::{Certificates, Postgres};

/// A server that takes the role `kyo` with its password over TLS alone.
async fn strict() -> (Postgres, Certificates, tempfile::TempDir) {
    let server = Postgres::start().await;
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::create(folder.path());
    let data = server.folder().join("data");
    for (from, to) in
        [(&certificates.server, "server.crt"), (&certificates.server_key, "server.key")]
    {
        give(from, &data.join(to), &data);
    }
    server.administer("ALTER ROLE kyo PASSWORD 'hunter2'").await;
    server.administer("ALTER SYSTEM SET ssl = on").await;
    let rules = "hostnossl all kyo 127.0.0.1/32 reject\n\
                 host all kyo 127.0.0.1/32 scram-sha-256\n\
                 host all postgres 127.0.0.1/32 trust\n";
    std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
    server.administer("SELECT pg_reload_conf()").await;
    (server, certificates, folder)
}

/// A copy that belongs to the server, for its eyes alone.
fn give(from: &Path, to: &Path, data: &Path) {
    std::fs::copy(from, to).unwrap();
    let owner = std::fs::metadata(data).unwrap();
    chown(to, Some(owner.uid()), Some(owner.gid())).unwrap();
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn config(server: &Postgres, password: &str, mode: &str) -> Config {
    let url = format!("postgres://kyo:{password}@127.0.0.1:{}/kyo?sslmode={mode}", server.port());
    Config { url, ..Config::default() }
}

async fn refusal(config: &Config) -> StoreError {
    let refused = store::connect(config).await.map(drop).unwrap_err();
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
    refused
}

#[tokio::test]
async fn each_mode_keeps_its_promise() {
    let (server, certificates, folder) = strict().await;
    let verified = Config {
        ca_file: Some(certificates.ca.clone()),
        ..config(&server, "hunter2", "verify-full")
    };
    // The new settings take hold a moment after the server was told.
    crate::patience::until("TLS", async || store::migrate(&verified).await.ok()).await;
    let store = store::connect(&verified).await.unwrap();
    store.ping().await.unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port());
    let mut watcher = AsyncPgConnection::establish(&url).await.unwrap();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND usename = 'kyo' AND application_name = 'kyo-collaboration'";
    // That of the migration ends a moment after it was let go.
    crate::patience::until("one connection, encrypted", async || {
        (count(&mut watcher, encrypted).await == 1).then_some(())
    })
    .await;
    for mode in ["prefer", "require"] {
        store::connect(&config(&server, "hunter2", mode)).await.unwrap().ping().await.unwrap();
    }

    let plain = refusal(&config(&server, "hunter2", "disable")).await;
    assert!(matches!(&plain, StoreError::Failed(why) if why.contains("no encryption")), "{plain}");

    std::fs::create_dir(folder.path().join("other")).unwrap();
    let strangers = Certificates::create(&folder.path().join("other"));
    let distrusted = refusal(&Config { ca_file: Some(strangers.ca), ..verified }).await;
    assert!(distrusted.to_string().contains("certificate"), "{distrusted}");

    let wrong = refusal(&config(&server, "hunter3", "require")).await;
    let StoreError::Failed(why) = &wrong else { panic!("{wrong}") };
    assert!(why.contains("password authentication failed") && !why.contains("hunter3"), "{why}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_it_is_required() {
    let url = crate::servers::postgres().await.url();
    let config = Config { url: format!("{url}?sslmode=require"), ..Config::default() };
    let refused = refusal(&config).await.to_string();
    assert!(refused.contains("does not support TLS"), "{refused}");
}
