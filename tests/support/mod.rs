//! What the black-box tests share: the real binary as a child process, a native WebSocket client, a
//! replica that folds events as a gym client would, a REST client, signed tokens and course
//! builders. It knows the wire contract only and never names the crate's own types, so a defect in
//! the service cannot hide in a shared helper.
#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of this folder")]

mod client;
mod courses;
mod people;
mod replica;
mod rest;
mod service;
mod upgrade;
mod wire;

pub use client::{Client, End};
pub use courses::{Class, at, day, new_id};
pub use people::{Person, SECRET};
pub use replica::{Replica, digest_of, fold_roster};
pub use rest::{Answer, Rest};
pub use service::{Service, Settings};
pub use upgrade::{Open, Refused};
pub use wire::Framing;

use std::future::Future;
use std::time::Duration;

/// How long anything may take before a test gives up. A bound on failure, never an assertion: a
/// healthy service answers in milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(20);

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
