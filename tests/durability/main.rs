//! Acked is durable: the real binary is killed in the middle of a burst, again and again; and what a
//! backup has is there after a restore, by the runbook's own commands.

#[path = "../support/servers/mod.rs"]
mod servers;
#[path = "../support/mod.rs"]
mod support;

mod burst;
mod freeze;
mod kill;
mod restore;
