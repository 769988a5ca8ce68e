//! Replicas in this process instead of a child process; the client, its folded copy and the rest are
//! those of the black-box tests.
#![allow(dead_code, unused_imports, reason = "shared with the black-box tests, which use more")]

#[path = "../../support/client.rs"]
mod client;
#[path = "../../support/courses.rs"]
mod courses;
#[path = "../../support/people.rs"]
mod people;
#[path = "../../support/replica.rs"]
mod replica;
#[path = "../../support/rest.rs"]
mod rest;
#[path = "../../support/upgrade.rs"]
mod upgrade;
#[path = "../../support/wire.rs"]
mod wire;

mod bus;
mod cluster;
mod dice;

pub use bus::{Unruly, Whim};
pub use client::{Client, End};
pub use cluster::{Cluster, Service};
pub use courses::{Class, at, day, new_id};
pub use dice::Dice;
pub use people::{Person, SECRET};
pub use replica::{Replica, digest_of, fold_roster};
pub use rest::{Answer, Rest};
pub use upgrade::{Open, Refused};
pub use wire::Framing;

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up. A bound on failure, never an assertion.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Waits for `work`, and fails the test naming `what` was awaited if it takes longer than
/// [`PATIENCE`].
pub async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} in vain for {what}"),
    }
}

/// Asks `attempt` again and again until it gives something, at most [`PATIENCE`] long.
pub async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        loop {
            if let Some(value) = attempt().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
