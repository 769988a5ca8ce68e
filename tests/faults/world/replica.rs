//! One replica of the real binary: a child process on a port of its own, which it keeps through
//! every death, with its output in one file.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::gym::Door;
use crate::servers::{Home, Port, Process, Proxy};
use crate::support::{Person, Rest, SECRET, until};

/// What a replica is started with.
#[derive(Debug)]
pub struct Plan {
    name: String,
    environment: Vec<(String, Option<String>)>,
    other: Option<PathBuf>,
    proxy: Option<Proxy>,
}

impl Plan {
    /// The nth replica of this build, with times short enough for a test.
    pub fn new(n: usize) -> Self {
        let plan =
            Self { name: format!("n{n}"), environment: Vec::new(), other: None, proxy: None };
        ["REDIS_CLUSTER_ENDPOINT", "APP_ENV"]
            .into_iter()
            .fold(plan, |plan, name| plan.variable(name, None))
            .env("JWT_SECRET", SECRET)
            .env("KYO__SERVER__HOST", "127.0.0.1")
            .env("KYO__SERVER__WORKERS", "1")
            .env("KYO__DRAIN__DEADLINE_MS", "8000")
            .env("KYO__REALTIME__PRESENCE_GRACE_MS", "2000")
            .env("KYO__REALTIME__HIBERNATE_AFTER_MS", "5000")
            .env("KYO__REALTIME__SNAPSHOT_EVERY", "50")
            .env("KYO__REALTIME__DELTA_LIMIT", "60")
    }

    /// Sets an environment variable.
    pub fn env(self, name: &str, value: &str) -> Self {
        self.variable(name, Some(value.to_owned()))
    }

    /// Puts a proxy between it and its database.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Begins as another build. Whatever is started in its place later is this one, as in a deploy.
    pub fn other(mut self, binary: PathBuf) -> Self {
        self.other = Some(binary);
        self
    }

    /// Whether it begins as another build.
    pub fn is_other(&self) -> bool {
        self.other.is_some()
    }

    fn variable(mut self, name: &str, value: Option<String>) -> Self {
        self.environment.push((name.to_owned(), value));
        self
    }
}

/// A replica, alive or dead.
#[derive(Debug)]
pub struct Replica {
    plan: Plan,
    port: Port,
    process: RefCell<Process>,
}

impl Replica {
    /// Starts one; ready.
    pub(super) async fn start(home: &Home, plan: Plan) -> Self {
        let port = Port::lease();
        let binary = plan.other.clone().unwrap_or_else(this_build);
        let process = RefCell::new(launch(home, &plan, &port, &binary).await);
        let replica = Self { plan, port, process };
        replica.ready(home).await;
        replica
    }

    pub(super) async fn restart(&self, home: &Home) {
        let process = launch(home, &self.plan, &self.port, &this_build()).await;
        self.process.replace(process);
        self.ready(home).await;
    }

    /// What histories call it.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// The way to it.
    pub fn door(&self) -> Door {
        Door { node: self.plan.name.clone(), address: format!("127.0.0.1:{}", self.port.number()) }
    }

    /// REST as a person.
    pub fn rest(&self, person: &Person) -> Rest {
        Rest::new(&format!("http://{}", self.door().address), Some(person.token()))
    }

    /// The line to its database.
    pub fn proxy(&self) -> &Proxy {
        self.plan.proxy.as_ref().expect("only replicas on servers are cut off from them")
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        self.process.borrow().signal(name);
    }

    /// Waits until the process has ended.
    pub async fn ended(&self) -> ExitStatus {
        let process = self.process.borrow().clone();
        until("a replica to end", async || process.status()).await
    }

    /// The file with its output.
    pub fn log_name(&self) -> String {
        log_name(&self.plan.name)
    }

    async fn ready(&self, home: &Home) {
        let rest = self.rest(&Person::owner("founder"));
        until("a replica to be ready", async || {
            let ended = self.process.borrow().status();
            if let Some(status) = ended {
                let said = home.log_tail(&self.log_name());
                panic!("{} left at its start: {status}\n{said}", self.plan.name);
            }
            rest.try_get("/ready").await.ok().filter(|answer| answer.status == 200)
        })
        .await;
    }
}

async fn launch(home: &Home, plan: &Plan, port: &Port, binary: &Path) -> Process {
    let own = ("PORT".to_owned(), Some(port.number().to_string()));
    let environment = plan.environment.iter().cloned().chain([own]);
    home.spawn_with(&log_name(&plan.name), binary, environment).await
}

fn this_build() -> PathBuf {
    env!("CARGO_BIN_EXE_kyo-collaboration").into()
}

fn log_name(name: &str) -> String {
    format!("{name}.log")
}
