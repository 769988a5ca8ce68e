//! REST, probes and documents, as neighbour services and operators use them.

#[path = "../support/mod.rs"]
mod support;

mod calendar;
mod documents;
mod errors;
mod feed;
mod import;
mod members;
mod operator;
mod ops;
mod probes;
mod reading;
mod rooms;

/// Where the versioned API lives.
const V1: &str = "/api/collaboration/v1";
