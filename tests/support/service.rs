//! The real binary as a child process on a free port with a folder of its own: started, killed,
//! stopped politely, frozen and started again on the same data. Its output is kept in a file and
//! printed when the test fails; dropping it kills it.

use std::fs::File;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::json;
use tempfile::TempDir;

use super::{Person, Rest, SECRET, until};

/// Settings that differ from the defaults, as `section.field` and value.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// Limits that never bind: for stories that are not about limits.
    pub fn unhurried() -> Self {
        Self::default()
            .set("limits.ops_per_second", 100_000)
            .set("limits.ops_burst", 100_000)
            .set("limits.tenant_ops_per_second", 1_000_000)
            .set("limits.tenant_requests_per_second", 1_000_000)
            .set("limits.presence_per_second", 100_000)
    }

    /// Sets `section.field`.
    pub fn set(mut self, key: &str, value: impl ToString) -> Self {
        let name = format!("KYO__{}", key.to_uppercase().replace('.', "__"));
        self.0.push((name, value.to_string()));
        self
    }

    /// Sets an environment variable that is no `section.field`.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running service.
pub struct Service {
    child: Child,
    port: u16,
    home: TempDir,
    settings: Settings,
}

impl Service {
    /// A fresh service with the default configuration, ready.
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// A fresh service with other settings, ready.
    pub async fn with(settings: Settings) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let (child, port) = spawn(&home, &settings);
        let mut service = Self { child, port, home, settings };
        service.ready().await;
        service
    }

    /// Starts it again on the same data, after it was killed or has left.
    pub async fn restart(&mut self) {
        (self.child, self.port) = spawn(&self.home, &self.settings);
        self.ready().await;
    }

    /// `kill -9`, and waits until the process is gone.
    pub fn kill(&mut self) {
        self.child.kill().expect("the child is ours to kill");
        self.child.wait().expect("the child is ours to wait for");
    }

    /// Sends a signal by name: `TERM`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([&format!("-{name}"), &pid]).status();
        assert!(status.expect("kill exists").success(), "SIG{name} could not be sent");
    }

    /// Waits until it has left by itself.
    pub async fn exited(&mut self) -> ExitStatus {
        until("the service to exit", async || self.child.try_wait().expect("our child")).await
    }

    /// Whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("our child").is_none()
    }

    /// Resident memory in KiB.
    pub fn rss_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("Linux says so");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// REST as a person.
    pub fn rest(&self, person: &Person) -> Rest {
        self.rest_with(Some(person.token()))
    }

    /// REST with any token, or none.
    pub fn rest_with(&self, token: Option<String>) -> Rest {
        Rest::new(&format!("http://{}", self.address()), token)
    }

    /// A new, empty room of the tenant `north`.
    pub async fn room(&self) -> String {
        self.room_of("north").await
    }

    /// A new, empty room of a tenant, made by an owner who takes no part in the story.
    pub async fn room_of(&self, tenant: &str) -> String {
        let founder = Person::owner("founder").of(tenant);
        let body = json!({"name": "Main hall", "timezone": "Europe/Berlin"});
        let room = self.rest(&founder).post("/api/collaboration/v1/rooms", &body).await;
        room.expect(201)["room"].as_str().expect("a room has an id").to_owned()
    }

    /// All it has printed so far.
    pub fn logs(&self) -> String {
        std::fs::read_to_string(self.home.path().join("service.log")).unwrap_or_default()
    }

    async fn ready(&mut self) {
        let rest = self.rest_with(None);
        until("/ready", async || {
            if let Some(status) = self.child.try_wait().expect("our child") {
                panic!("the service left at its start: {status}");
            }
            rest.try_get("/ready").await.ok().filter(|answer| answer.status == 200)
        })
        .await;
    }
}

impl Drop for Service {
    #[expect(clippy::print_stderr, reason = "a failed test shows what the service said")]
    fn drop(&mut self) {
        // Both fail harmlessly when it has already left.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let logs = self.logs();
            let skip = logs.lines().count().saturating_sub(80);
            eprintln!("--- the last lines of the service's output ---");
            logs.lines().skip(skip).for_each(|line| eprintln!("{line}"));
        }
    }
}

fn spawn(home: &TempDir, settings: &Settings) -> (Child, u16) {
    let log = log_file(home.path().join("service.log"));
    let port = free_port();
    let child = Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"))
        .current_dir(home.path())
        .env("PORT", port.to_string())
        .env("KYO__SERVER__HOST", "127.0.0.1")
        .env("DATABASE_URL", format!("sqlite://{}/kyo.db", home.path().display()))
        .env("JWT_SECRET", SECRET)
        .env_remove("REDIS_CLUSTER_ENDPOINT")
        .env_remove("APP_ENV")
        .envs(settings.0.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log)
        .spawn()
        .expect("the binary was built");
    (child, port)
}

fn log_file(path: PathBuf) -> File {
    File::options().create(true).append(true).open(path).expect("the folder is writable")
}

/// A port below the range that the system hands to outgoing connections, so that no client of a
/// test running beside can take it between this check and the service's own bind.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 12_000 + (std::process::id() % 1_000) as u16 * 20;
    loop {
        let port = base + NEXT.fetch_add(1, Ordering::Relaxed) % 500;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
