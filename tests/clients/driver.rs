//! A client program as a child process: commands go in, what happens comes out, one JSON object a
//! line each. It knows the lines and nothing of what they mean; a program ends with its input, so it
//! can't outlive the test. Dropping a driver kills the program, which is a person's machine losing
//! power.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::kind::{Kind, Transport};

/// What a program is told.
#[derive(Debug, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Order<'a> {
    /// Which token to connect with from now on, the next time that the library does it by itself
    /// included.
    Token { value: &'a str },
    /// To connect, and to stay connected.
    Connect { url: &'a str, transport: Transport },
    /// To emit an event that wants an acknowledgement.
    Emit { call: u64, event: &'a str, data: &'a Value },
    /// To emit one that wants none.
    Tell { event: &'a str, data: &'a Value },
    /// To leave as a person does.
    Disconnect,
}

/// What a program tells.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "saw", rename_all = "lowercase")]
pub enum Report {
    /// The program runs and waits for orders, which may take it seconds on a busy machine.
    Ready {},
    /// CONNECT was answered; libraries that upgrade first report the later transport.
    Connected { transport: Transport },
    /// The transport changed under a connection.
    Upgraded {},
    /// The connection is over. Not every library says so.
    Disconnected { reason: String },
    /// CONNECT was refused, with this `data`.
    Refused { data: Value },
    /// The transport did not come about, or broke.
    Failed {},
    /// The service emitted an event.
    Event { event: String, data: Value },
    /// The acknowledgement of an `emit`.
    Reply {
        call: u64,
        #[serde(default)]
        data: Value,
    },
    /// There was no connection to emit on.
    Unsent {},
}

/// A running program.
pub struct Driver {
    child: Child,
    orders: Option<ChildStdin>,
    reports: mpsc::UnboundedReceiver<Report>,
    home: TempDir,
}

impl Driver {
    /// Starts the program of a kind.
    pub fn start(kind: Kind) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let complaints = File::create(home.path().join("stderr")).expect("the folder is ours");
        let mut child = program(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .unwrap_or_else(|error| panic!("{kind:?}: {error}; run scripts/setup-socketio.sh"));
        let orders = child.stdin.take();
        let said = File::create(home.path().join("stdout")).expect("the folder is ours");
        let reports = listen(child.stdout.take().expect("it is piped"), said);
        Self { child, orders, reports, home }
    }

    /// Tells it something.
    pub fn order(&mut self, order: &Order<'_>) {
        let line = serde_json::to_string(order).expect("orders are JSON") + "\n";
        let orders = self.orders.as_mut().expect("its input is open until it is dropped");
        // A program that has ended is found by the next wait for a report.
        let _ = orders.write_all(line.as_bytes());
    }

    /// The next thing that it tells, `None` when it has ended.
    pub async fn report(&mut self) -> Option<Report> {
        self.reports.recv().await
    }

    /// What it tells without waiting for it.
    pub fn pending(&mut self) -> Option<Report> {
        self.reports.try_recv().ok()
    }
}

impl Drop for Driver {
    #[expect(clippy::print_stderr, reason = "a failed test shows what the program said")]
    fn drop(&mut self) {
        // Both fail harmlessly when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            for name in ["stdout", "stderr"] {
                let text = std::fs::read_to_string(self.home.path().join(name));
                eprintln!("--- the last lines of a client's {name}, newest first ---");
                text.unwrap_or_default().lines().rev().take(20).for_each(|line| {
                    eprintln!("{line:.300}");
                });
            }
        }
    }
}

fn program(kind: Kind) -> Command {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let (sources, installed) = (root.join("tests/clients"), root.join("target/clients"));
    match kind {
        Kind::Js(version) => {
            let mut command = Command::new("node");
            command.arg(sources.join("js/driver.mjs")).arg(version);
            // Where the packages are.
            command.current_dir(existing(installed.join("js/node_modules/..")));
            command
        }
        Kind::Python => {
            let mut command = Command::new(existing(installed.join("python/bin/python")));
            command.arg(sources.join("python/driver.py"));
            command
        }
        Kind::Rust => Command::new(existing(installed.join("rust/debug/kyo-socketio-driver"))),
    }
}

fn existing(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing; run scripts/setup-socketio.sh", path.display());
    path
}

/// Passes on what the program tells, and keeps it for whoever reads about a failure.
fn listen(output: ChildStdout, mut said: File) -> mpsc::UnboundedReceiver<Report> {
    let (sender, reports) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = writeln!(said, "{line}");
            let report = serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("no report ({error}): {line}"));
            if sender.send(report).is_err() {
                return;
            }
        }
    });
    reports
}
