//! The servers that other tests rely on do what they are told, and leave nothing behind.

#[path = "support/servers/mod.rs"]
mod servers;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use redis::cluster::ClusterClientBuilder;
use servers::{Options, Postgres, Proxy, Redis, RedisCluster, Shutdown};

/// Where the key `{moved}` lives.
const SLOT: u16 = 1_999;

async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.expect("the server takes connections")
}

async fn can_insert(url: &str) -> bool {
    let Ok(mut connection) = AsyncPgConnection::establish(url).await else { return false };
    connection.batch_execute("INSERT INTO kept VALUES (1)").await.is_ok()
}

#[actix_web::test]
async fn postgres_keeps_what_was_committed_through_every_kind_of_end() {
    let server = Postgres::start().await;
    let url = server.database().await;
    connect(&url).await.batch_execute("CREATE TABLE kept (n int)").await.expect("it is ours");
    server.restart(Shutdown::Fast).await;
    assert!(can_insert(&url).await);
    server.restart(Shutdown::Immediate).await;
    assert!(can_insert(&url).await);
    for _ in 0..3 {
        server.kill9();
        server.start_again().await;
        assert!(can_insert(&url).await);
    }
    server.kill9();
    assert!(!can_insert(&url).await);
}

#[actix_web::test]
async fn the_shared_postgres_gives_each_test_its_own_database() {
    let server = servers::postgres().await;
    let (one, other) = (server.database().await, server.database().await);
    connect(&one).await.batch_execute("CREATE TABLE kept (n int)").await.expect("it is ours");
    connect(&other).await.batch_execute("CREATE TABLE kept (n int)").await.expect("it is empty");
    let mut gist = connect(&one).await;
    gist.batch_execute("CREATE EXTENSION btree_gist").await.expect("no superuser is needed");
}

#[actix_web::test]
async fn a_frozen_postgres_goes_on_after_it_is_thawed() {
    let server = Postgres::start().await;
    let mut connection = connect(&server.url()).await;
    server.freeze();
    let query = connection.batch_execute("SELECT 1");
    let waited = tokio::time::timeout(Duration::from_millis(200), query).await;
    assert!(waited.is_err(), "a frozen server answers nothing");
    server.thaw();
    assert!(!can_insert(&server.url()).await, "it answers: there is no such table");
    connect(&server.url()).await.batch_execute("SELECT 1").await.expect("it goes on");
}

#[actix_web::test]
async fn a_killed_primary_is_replaced_and_comes_back_as_a_replica() {
    let cluster = RedisCluster::start(Options::default()).await;
    assert_eq!(cluster.primaries().await, [0, 1, 2]);
    let heir = cluster.replica_of(1).await;
    cluster.kill9(1);
    cluster.wait_healthy().await;
    assert!(cluster.primaries().await.contains(&heir));
    cluster.restart(1).await;
    cluster.wait_healthy().await;
    assert_eq!(cluster.replica_of(heir).await, 1);
    cluster.failover(1).await;
    assert_eq!(cluster.primaries().await, [0, 1, 2]);
}

#[actix_web::test]
async fn a_frozen_primary_is_replaced() {
    let cluster = RedisCluster::start(Options::default()).await;
    let heir = cluster.replica_of(0).await;
    cluster.freeze(0);
    cluster.wait_healthy().await;
    assert!(cluster.primaries().await.contains(&heir));
    cluster.thaw(0);
    cluster.wait_healthy().await;
    assert!(!cluster.primaries().await.contains(&0));
}

#[actix_web::test]
async fn a_primary_in_a_black_hole_is_replaced() {
    let cluster = RedisCluster::start(Options { proxied: true, ..Options::default() }).await;
    let client = redis::Client::open(format!("redis://{}", cluster.endpoint())).expect("valid");
    let mut connection = client.get_multiplexed_async_connection().await.expect("it is proxied");
    let heir = cluster.replica_of(0).await;
    cluster.black_hole(0);
    let ping = redis::cmd("PING");
    let pong = ping.query_async::<String>(&mut connection);
    assert!(tokio::time::timeout(Duration::from_millis(200), pong).await.is_err());
    let promoted = async || {
        let info: String = cluster.nodes()[heir].command(&["INFO", "replication"]).await.ok()?;
        info.contains("role:master").then_some(())
    };
    while promoted().await.is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cluster.heal(0);
    cluster.wait_healthy().await;
    assert!(!cluster.primaries().await.contains(&0));
}

#[actix_web::test]
async fn a_slot_moves_with_its_keys_and_a_lost_cluster_comes_back() {
    let cluster = servers::redis_cluster().await;
    let client = redis::cluster::ClusterClient::new([format!("redis://{}", cluster.endpoint())]);
    let mut connection = client.expect("valid").get_connection().expect("it runs");
    let set = redis::cmd("SET").arg("{moved}").arg("here").query(&mut connection);
    let () = set.expect("the cluster takes writes");
    let slot: u16 = cluster.nodes()[0].command(&["CLUSTER", "KEYSLOT", "moved"]).await.expect("it");
    assert_eq!(slot, SLOT);
    let from = cluster.owner_of(SLOT).await;
    let to = (from + 1) % 3;
    cluster.move_slot(SLOT, to).await;
    assert_eq!(cluster.owner_of(SLOT).await, to);
    let got: String = cluster.nodes()[to].command(&["GET", "{moved}"]).await.expect("it is there");
    assert_eq!(got, "here");
    cluster.kill_all();
    cluster.restart_all().await;
    assert_eq!(cluster.owner_of(SLOT).await, to);
}

#[actix_web::test]
async fn tls_wants_the_authority_and_the_password() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = Options {
        tls: true,
        user: Some("kyo".to_owned()),
        password: Some("secret".to_owned()),
        ..Options::default()
    };
    let cluster = RedisCluster::start(options).await;
    let ca = std::fs::read(cluster.ca_pem().expect("it speaks TLS")).expect("a file");
    let certificates = redis::TlsCertificates { client_tls: None, root_cert: Some(ca) };
    let endpoint = cluster.endpoint();
    let client = ClusterClientBuilder::new([endpoint.clone()]).certs(certificates).build();
    let mut connection = client.expect("valid").get_connection().expect("it runs");
    for key in ["a", "b", "c", "d"] {
        let set = redis::cmd("SET").arg(key).arg(1).query(&mut connection);
        let () = set.expect("every shard takes writes");
    }
    cluster.move_slot(SLOT, 0).await;
    let strangers = redis::Client::open(endpoint).expect("valid");
    assert!(strangers.get_multiplexed_async_connection().await.is_err(), "the CA is private");
}

#[actix_web::test]
async fn a_single_redis_starts_and_restarts() {
    let server = Redis::start().await;
    let client = redis::Client::open(server.url()).expect("valid");
    client.get_multiplexed_async_connection().await.expect("it runs");
    server.kill9();
    server.restart().await;
    client.get_multiplexed_async_connection().await.expect("it runs");
}

/// Answers every byte with the same byte.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut reader, mut writer) = (&stream, &stream);
                let _ = std::io::copy(&mut reader, &mut writer);
            });
        }
    });
    address
}

fn dial(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).expect("a proxy accepts");
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a valid timeout");
    stream
}

fn answered(stream: &mut TcpStream) -> std::io::Result<usize> {
    stream.write_all(b"x")?;
    stream.read(&mut [0; 8])
}

#[actix_web::test]
async fn a_proxy_forwards_holds_cuts_and_heals() {
    let proxy = Proxy::start(echo()).await;
    let mut old = dial(&proxy);
    assert_eq!(answered(&mut old).expect("forwarded"), 1);
    proxy.black_hole();
    let mut new = dial(&proxy);
    assert!(answered(&mut old).is_err() && answered(&mut new).is_err(), "nothing moves");
    proxy.heal();
    assert_eq!(old.read(&mut [0; 1]).expect("late"), 1);
    assert_eq!(new.read(&mut [0; 1]).expect("late"), 1);
    proxy.cut();
    assert!(matches!(old.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert!(matches!(answered(&mut dial(&proxy)), Ok(0) | Err(_)));
    proxy.heal();
    proxy.delay(50);
    assert_eq!(answered(&mut dial(&proxy)).expect("forwarded"), 1);
}

/// Not a test of its own: what [`nothing_outlives_a_killed_test`] kills.
#[actix_web::test]
#[ignore = "waits to be killed"]
async fn holds_servers_until_killed() {
    let (postgres, redis) = (Postgres::start().await, Redis::start().await);
    postgres.freeze();
    let pid = std::fs::read_to_string(postgres.folder().join("data/postmaster.pid"));
    println!("pid {}", pid.expect("a lock file").lines().next().expect("a pid"));
    println!("pid {}", redis.node().pid());
    println!("folder {}", postgres.folder().display());
    println!("held");
    std::future::pending::<()>().await;
}

#[actix_web::test]
async fn nothing_outlives_a_killed_test() {
    let mut held = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--exact", "holds_servers_until_killed", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("this binary runs");
    let lines = BufReader::new(held.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let lines: Vec<_> = lines.take_while(|line| line != "held").collect();
    let named = |prefix: &str| -> Vec<String> {
        let found = lines.iter().filter_map(|line| line.split_once(prefix));
        found.map(|(_, rest)| rest.trim().to_owned()).collect()
    };
    let (pids, folders) = (named("pid "), named("folder "));
    assert_eq!((pids.len(), folders.len()), (2, 1), "{lines:?}");
    let runs = |pid: &String| Path::new("/proc").join(pid).exists();
    assert!(pids.iter().all(runs) && Path::new(&folders[0]).exists());
    held.kill().expect("it is ours");
    held.wait().expect("it is ours");
    for _ in 0..500 {
        if !pids.iter().any(runs) && !Path::new(&folders[0]).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("still there: {:?}", lines);
}
