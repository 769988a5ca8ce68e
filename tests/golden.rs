//! Exact bytes of every message, of every refusal of malformed input, and of the record of events.
//!
//! The files under `tests/golden/` are the contract in bytes: a difference is a change that clients
//! will see. `UPDATE_GOLDEN=1 cargo test --test golden` rewrites them; review the diff.

#[path = "golden/catalogue.rs"]
mod catalogue;
#[path = "golden/client.rs"]
mod client;
#[path = "golden/file.rs"]
mod file;
#[path = "golden/malformed.rs"]
mod malformed;
#[path = "golden/minifuzz.rs"]
mod minifuzz;
#[path = "golden/record.rs"]
mod record;
#[path = "golden/relay.rs"]
mod relay;
#[path = "golden/samples.rs"]
mod samples;
#[path = "golden/schema.rs"]
mod schema;
#[path = "golden/server.rs"]
mod server;
#[path = "golden/vectors.rs"]
mod vectors;
#[path = "golden/wishes.rs"]
mod wishes;
