//! A PostgreSQL server with a data folder of its own. Commits are durable as in production: `fsync`
//! and `synchronous_commit` are on.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tokio::sync::watch;

use super::ports::Port;
use super::process::{Home, Process};
use super::until;

/// The file that its output goes to.
const LOG: &str = "postgres.log";
/// How often a start is tried on another port.
const ATTEMPTS: usize = 5;
/// The version that the service is made for.
const OLDEST_VERSION: u32 = 15;

/// How a server is told to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// Ends the sessions and writes everything back.
    Fast,
    /// Ends at once; the next start recovers from the log.
    Immediate,
}

/// A running server with an empty database `kyo` that belongs to the role `kyo`, which may also
/// create databases but is no superuser.
#[derive(Debug)]
pub struct Postgres {
    home: Home,
    programs: PathBuf,
    port: Port,
    process: watch::Sender<Process>,
    databases: AtomicU32,
}

impl Postgres {
    /// Makes a data folder and starts a server on it.
    pub async fn start() -> Self {
        let home = Home::unprivileged("postgres");
        let programs = programs();
        init(&home, &programs).await;
        let (port, process) = first_start(&home, &programs).await;
        let (process, _) = watch::channel(process);
        let server = Self { home, programs, port, process, databases: AtomicU32::new(0) };
        server.administer("CREATE ROLE kyo LOGIN CREATEDB").await;
        server.administer("CREATE DATABASE kyo OWNER kyo").await;
        server
    }

    /// The address of the database `kyo`.
    pub fn url(&self) -> String {
        self.url_of("kyo")
    }

    /// The address of a new, empty database, for one test.
    pub async fn database(&self) -> String {
        let name = format!("kyo_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.administer(&format!("CREATE DATABASE {name} OWNER kyo")).await;
        self.url_of(&name)
    }

    /// Where its programs are, `pg_dump` among them.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The port of 127.0.0.1 that it listens on.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Runs statements as superuser in the database `postgres`.
    pub async fn administer(&self, statements: &str) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port());
        let mut connection = AsyncPgConnection::establish(&url).await.expect("the server runs");
        connection.batch_execute(statements).await.expect("a superuser may do this");
    }

    /// Ends every session of the role `kyo` that runs a statement at this moment.
    pub async fn end_busy_sessions(&self) {
        self.administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE usename = 'kyo' AND state <> 'idle'",
        )
        .await;
    }

    /// Stops it in one way or the other and starts it again.
    pub async fn restart(&self, how: Shutdown) {
        self.stop(how).await;
        self.start_again().await;
    }

    /// Stops it and waits until it is gone.
    pub async fn stop(&self, how: Shutdown) {
        let process = self.process();
        process.signal(match how {
            Shutdown::Fast => "INT",
            Shutdown::Immediate => "QUIT",
        });
        until("PostgreSQL to stop", async || process.status()).await;
    }

    /// `kill -9` of the server and all its sessions, as when its machine goes.
    pub fn kill9(&self) {
        self.process().signal_tree("KILL");
    }

    /// Starts it on the same data and port after it was killed or stopped; ready for connections.
    pub async fn start_again(&self) {
        self.process().ended().await;
        until("PostgreSQL to start again", async || {
            let process = launch(&self.home, &self.programs, self.port.number()).await;
            let ready = ready(&self.home, &process).await;
            self.process.send_replace(process);
            // Sessions of the killed server may hold its memory for a moment longer.
            ready.then_some(())
        })
        .await;
    }

    /// Stops the server and all its sessions in their tracks.
    pub fn freeze(&self) {
        self.process().signal_tree("STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.process().signal_tree("CONT");
    }

    /// What it said last.
    pub fn log_tail(&self) -> String {
        self.home.log_tail(LOG)
    }

    /// The folder of its data and log.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://kyo@127.0.0.1:{}/{database}", self.port())
    }

    fn process(&self) -> Process {
        self.process.borrow().clone()
    }
}

/// The server's programs are rarely in the search path.
fn programs() -> PathBuf {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.and_then(|output| String::from_utf8(output.stdout).ok());
    let told = told.map(|text| PathBuf::from(text.trim()));
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(version, _)| *version >= OLDEST_VERSION)
        .map(|(version, path)| (version, path.join("bin")))
        .collect();
    // The oldest that will do: it is the one that production runs.
    found.sort();
    let found = found.into_iter().map(|(_, path)| path).chain(told);
    found
        .filter(|path| path.join("initdb").exists() && path.join("postgres").exists())
        .find(|path| version(path) >= Some(OLDEST_VERSION))
        .unwrap_or_else(|| panic!("no PostgreSQL {OLDEST_VERSION}: run scripts/setup-servers.sh"))
}

fn version(programs: &Path) -> Option<u32> {
    let output = Command::new(programs.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

async fn init(home: &Home, programs: &Path) {
    let arguments = ["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C"]
        .into_iter()
        .chain(["--no-sync", "--no-instructions"]);
    let arguments: Vec<String> = arguments.map(str::to_owned).collect();
    let status = home.spawn(LOG, &programs.join("initdb"), &arguments).await.ended().await;
    assert!(status.success(), "initdb failed: {status}\n{}", home.log_tail(LOG));
}

async fn first_start(home: &Home, programs: &Path) -> (Port, Process) {
    for _ in 0..ATTEMPTS {
        let port = Port::lease();
        let process = launch(home, programs, port.number()).await;
        if ready(home, &process).await {
            return (port, process);
        }
    }
    panic!("PostgreSQL does not start:\n{}", home.log_tail(LOG));
}

async fn launch(home: &Home, programs: &Path, port: u16) -> Process {
    let mut arguments = vec!["-D".to_owned(), "data".to_owned()];
    let settings = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
        "shared_buffers=64MB".to_owned(),
        // In the data folder rather than in /dev/shm, where a killed server leaves it behind.
        "dynamic_shared_memory_type=mmap".to_owned(),
    ];
    for setting in settings {
        arguments.extend(["-c".to_owned(), setting]);
    }
    home.spawn(LOG, &programs.join("postgres"), &arguments).await
}

/// Waits until this process takes connections, which its lock file tells; false if it left.
async fn ready(home: &Home, process: &Process) -> bool {
    let lock = home.path().join("data/postmaster.pid");
    let pid = process.pid().to_string();
    until("PostgreSQL to be ready", async || {
        if process.status().is_some() {
            return Some(false);
        }
        let text = std::fs::read_to_string(&lock).unwrap_or_default();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let ours = lines.first() == Some(&pid.as_str());
        (ours && lines.get(7) == Some(&"ready")).then_some(true)
    })
    .await
}
