//! Replicas in this process instead of a child process; the client, its folded copy and the rest are
//! those of the black-box tests.
#![allow(dead_code, unused_imports, reason = "shared with the black-box tests, which use more")]

#[path = "../../support/client.rs"]
mod client;
#[path = "../../support/courses.rs"]
mod courses;
#[path = "../../support/patience.rs"]
mod patience;
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
mod list;

pub use bus::{Unruly, Whim};
pub use client::{Client, End};
pub use cluster::{Cluster, Service};
pub use courses::{Class, at, day, new_id};
pub use dice::Dice;
pub use list::List;
pub use patience::{PATIENCE, until, within};
pub use people::{Person, SECRET};
pub use replica::{Replica, digest_of, fold_roster};
pub use rest::{Answer, Rest};
pub use upgrade::{Open, Refused};
pub use wire::Framing;
