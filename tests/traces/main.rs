//! What a collector gets to see: one trace from a client's handshake to the other replica, whoever
//! decides that it is sampled, and what happens when nobody is there to take it. The collector here
//! stands in for the agent beside a task and reads real OTLP; service and bus are the real ones.

#[path = "../support/servers/mod.rs"]
mod servers;
#[path = "../support/mod.rs"]
mod support;

mod collector;
mod deciding;
mod following;
mod losing;
mod pair;
