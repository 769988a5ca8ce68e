//! The real binary as several replicas on real servers, while faults happen to all of them; what
//! the clients saw is written down and judged by a checker that knows PROTOCOL.md alone.

#[path = "../support/servers/mod.rs"]
mod servers;
#[path = "../support/mod.rs"]
mod support;

mod checker;
mod ending;
mod families;
mod figures;
mod gym;
mod mixed;
mod nemesis;
mod recorder;
mod regressions;
mod report;
mod rolling;
mod run;
mod torture;
mod world;
