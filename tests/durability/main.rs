//! Acked is durable: the real binary is killed in the middle of a burst, again and again.

#[path = "../support/mod.rs"]
mod support;

mod burst;
mod freeze;
mod kill;
