//! The service as a child process, and the few REST calls a load program needs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::people::{Person, SECRET};

/// Settings under which no limit or heartbeat takes part in what is measured.
const SETTINGS: [(&str, &str); 7] = [
    ("KYO__LIMITS__OPS_PER_SECOND", "1000000"),
    ("KYO__LIMITS__OPS_BURST", "1000000"),
    ("KYO__LIMITS__TENANT_OPS_PER_SECOND", "1000000"),
    ("KYO__LIMITS__MAX_CONNECTIONS", "100000"),
    ("KYO__LIMITS__ROOMS_PER_SESSION", "1000"),
    ("KYO__REALTIME__PING_INTERVAL_MS", "300000"),
    ("KYO__TELEMETRY__FILTER", "warn"),
];

/// A running service; dropping it kills it.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Starts on a folder, and waits until it is ready.
    pub fn start(home: &Path) -> Self {
        Self::start_on(home, &[])
    }

    /// The same with other settings.
    pub fn start_on(home: &Path, settings: &[(String, String)]) -> Self {
        let lifted = SETTINGS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self::launch(home, &[&lifted, settings].concat())
    }

    /// With nothing but these settings: under the limits that an installation has by default.
    pub fn launch(home: &Path, settings: &[(String, String)]) -> Self {
        let port = free_port();
        let binary = std::env::var("KYO_BIN")
            .unwrap_or_else(|_| env!("CARGO_BIN_EXE_kyo-collaboration").to_owned());
        let log = std::fs::File::create(home.join("service.log")).expect("a log file");
        // The shell lifts the limit of open files as far as it may, then becomes the service.
        let child = Command::new("sh")
            .args(["-c", "ulimit -n $(ulimit -H -n); exec \"$0\"", &binary])
            .current_dir(home)
            .env("PORT", port.to_string())
            .env("KYO__SERVER__HOST", "127.0.0.1")
            .env("DATABASE_URL", format!("sqlite://{}/kyo.db", home.display()))
            .env("JWT_SECRET", SECRET)
            .env_remove("REDIS_CLUSTER_ENDPOINT")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("sh exists");
        let mut server = Self { child, port };
        server.wait_until_ready(home);
        server
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A new room, under an owner who is nobody else.
    pub fn room(&self) -> String {
        self.room_of(&Person::owner("founder"))
    }

    /// The same under this owner.
    pub fn room_of(&self, owner: &Person) -> String {
        let body = json!({"name": "Hall", "timezone": "Europe/Berlin"});
        let made = self.post(owner, "/api/collaboration/v1/rooms", &body);
        made["room"].as_str().unwrap_or_else(|| panic!("no room: {made}")).to_owned()
    }

    /// Commits one operation.
    pub fn op(&self, room: &str, op: &Value) {
        self.op_of(&Person::owner("founder"), room, op);
    }

    /// The same by this owner.
    pub fn op_of(&self, owner: &Person, room: &str, op: &Value) {
        let body = json!({"opId": uuid::Uuid::now_v7().to_string(), "op": op});
        let ack = self.post(owner, &format!("/api/collaboration/v1/rooms/{room}/ops"), &body);
        assert!(ack["seq"].is_u64(), "not committed: {ack}");
    }

    /// One number of `/metrics`, its labels written as they are there.
    pub fn metric(&self, name: &str) -> f64 {
        let answer = self.metrics();
        let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no metric {name}")).trim().parse().expect("a number")
    }

    /// All of `/metrics`.
    pub fn metrics(&self) -> String {
        let request = "GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
        exchange(self.port, request).expect("the service answers")
    }

    fn post(&self, who: &Person, path: &str, body: &Value) -> Value {
        let token = who.token();
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(self.port, &request).expect("the service answers");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    fn wait_until_ready(&mut self, home: &Path) {
        let request = "GET /ready HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n";
        let patience = Instant::now() + Duration::from_secs(20);
        while !exchange(self.port, request).is_ok_and(|answer| answer.contains(" 200 ")) {
            let left = self.child.try_wait().expect("our child");
            if left.is_some() || Instant::now() > patience {
                let log = std::fs::read_to_string(home.join("service.log")).unwrap_or_default();
                panic!("the service is not ready ({left:?}):\n{log}");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail harmlessly when it has already left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A service on a folder that lasts as long as it.
pub fn fresh() -> (Server, TempDir) {
    fresh_on(&[])
}

/// The same with other settings.
pub fn fresh_on(settings: &[(String, String)]) -> (Server, TempDir) {
    let home = TempDir::new().expect("a temporary folder");
    (Server::start_on(home.path(), settings), home)
}

/// The same under the limits that an installation has by default.
pub fn fresh_limited(settings: &[(String, String)]) -> (Server, TempDir) {
    let home = TempDir::new().expect("a temporary folder");
    (Server::launch(home.path(), settings), home)
}

fn exchange(port: u16, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
