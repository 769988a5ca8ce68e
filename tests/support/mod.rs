//! What the black-box tests share: the real binary as a child process, a native WebSocket client, a
//! replica that folds events as a gym client would, a REST client, signed tokens and course
//! builders. It knows the wire contract only and never names the crate's own types, so a defect in
//! the service cannot hide in a shared helper.
#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of this folder")]

mod client;
mod courses;
mod dice;
mod patience;
mod people;
mod replica;
mod rest;
mod service;
mod upgrade;
mod wire;

pub use client::{Client, End};
pub use courses::{Class, at, day, new_id};
pub use dice::Dice;
pub use patience::{PATIENCE, until, within};
pub use people::{Person, SECRET};
pub use replica::{Replica, digest_of, fold_roster};
pub use rest::{Answer, Rest};
pub use service::{Service, Settings};
pub use upgrade::{Open, Refused};
pub use wire::Framing;
