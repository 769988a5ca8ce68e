//! A process of a replica and the port on which it listens: what a load balancer knows of it.

use std::path::Path;
use std::process::ExitStatus;
use std::rc::Rc;
use std::time::Duration;

use super::replica::Plan;
use crate::servers::{Home, Port, Process};
use crate::support::{Person, Rest, until};

/// Copies name the same process.
#[derive(Clone, Debug)]
pub struct Seat {
    process: Process,
    port: Rc<Port>,
}

impl Seat {
    /// Starts a process on a port; ready.
    pub(super) async fn take(home: &Home, plan: &Plan, binary: &Path, port: Rc<Port>) -> Self {
        let own = ("PORT".to_owned(), Some(port.number().to_string()));
        let environment = plan.environment().iter().cloned().chain([own]);
        let process = home.spawn_with(&plan.log_name(), binary, environment).await;
        let seat = Self { process, port };
        seat.ready(home, plan).await;
        seat
    }

    /// Its port, for another process.
    pub(super) fn port(&self) -> Rc<Port> {
        self.port.clone()
    }

    /// Where it listens.
    pub fn number(&self) -> u16 {
        self.port.number()
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.number())
    }

    /// REST as a person.
    pub fn rest(&self, person: &Person) -> Rest {
        Rest::new(&format!("http://{}", self.address()), Some(person.token()))
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// How it ended, if it did.
    pub fn status(&self) -> Option<ExitStatus> {
        self.process.status()
    }

    /// Waits until the process has ended.
    pub async fn ended(&self) -> ExitStatus {
        until("a replica to end", async || self.status()).await
    }

    /// Waits for its end, at most so long.
    pub async fn ends_within(&self, patience: Duration) -> Option<ExitStatus> {
        tokio::time::timeout(patience, self.process.ended()).await.ok()
    }

    async fn ready(&self, home: &Home, plan: &Plan) {
        let rest = self.rest(&Person::owner("founder"));
        until("a replica to be ready", async || {
            if let Some(status) = self.status() {
                let said = home.log_tail(&plan.log_name());
                panic!("{} left at its start: {status}\n{said}", plan.name());
            }
            rest.try_get("/ready").await.ok().filter(|answer| answer.status == 200)
        })
        .await;
    }
}
