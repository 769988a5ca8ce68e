//! One replica of the real binary: a child process on a port of its own, which it keeps through
//! every death, with its output in one file. A deploy starts its successor beside it, on another port.

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::rc::Rc;

use super::seat::Seat;
use crate::gym::Door;
use crate::servers::{Home, Port, Proxy};
use crate::support::{Person, Rest, SECRET};

/// What a replica is started with.
#[derive(Debug)]
pub struct Plan {
    name: String,
    environment: Vec<(String, Option<String>)>,
    other: Option<PathBuf>,
    this: PathBuf,
    proxy: Option<Proxy>,
}

impl Plan {
    /// The nth replica of this build, with times short enough for a test.
    pub fn new(n: usize) -> Self {
        let (name, environment, this) = (format!("n{n}"), Vec::new(), this_build());
        let plan = Self { name, environment, other: None, this, proxy: None };
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

    /// Runs another binary of this build.
    pub fn this(mut self, binary: PathBuf) -> Self {
        self.this = binary;
        self
    }

    /// Whether it begins as another build.
    pub fn is_other(&self) -> bool {
        self.other.is_some()
    }

    /// What histories call the replica.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file with its output.
    pub fn log_name(&self) -> String {
        format!("{}.log", self.name)
    }

    /// What differs from the environment of the tests; its port comes on top.
    pub fn environment(&self) -> &[(String, Option<String>)] {
        &self.environment
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
    seat: RefCell<Seat>,
}

impl Replica {
    /// Starts one; ready.
    pub(super) async fn start(home: &Home, plan: Plan) -> Self {
        let binary = plan.other.as_ref().unwrap_or(&plan.this);
        let seat = Seat::take(home, &plan, binary, Rc::new(Port::lease())).await;
        Self { plan, seat: RefCell::new(seat) }
    }

    /// Starts it again on its port, after it was killed or has left.
    pub(super) async fn restart(&self, home: &Home) {
        let port = self.seat().port();
        self.seat.replace(Seat::take(home, &self.plan, &self.plan.this, port).await);
    }

    /// Starts a successor beside it and gives what is to go; both are ready.
    pub(super) async fn succeed(&self, home: &Home) -> Seat {
        let port = Rc::new(Port::lease());
        self.seat.replace(Seat::take(home, &self.plan, &self.plan.this, port).await)
    }

    /// What histories call it.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// The process that it is at present.
    pub fn seat(&self) -> Seat {
        self.seat.borrow().clone()
    }

    /// The way to it.
    pub fn door(&self) -> Door {
        Door::of(&self.plan.name, &self.seat().address())
    }

    /// REST as a person.
    pub fn rest(&self, person: &Person) -> Rest {
        self.seat().rest(person)
    }

    /// The line to its database.
    pub fn proxy(&self) -> &Proxy {
        self.plan.proxy.as_ref().expect("only replicas on servers are cut off from them")
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        self.seat().signal(name);
    }

    /// Waits until the process has ended.
    pub async fn ended(&self) -> ExitStatus {
        self.seat().ended().await
    }

    /// The file with its output.
    pub fn log_name(&self) -> String {
        self.plan.log_name()
    }
}

fn this_build() -> PathBuf {
    env!("CARGO_BIN_EXE_kyo-collaboration").into()
}
