//! What a gym client can rely on over a real socket: one file a promise, one test a story, against
//! the real binary and the wire contract alone. With `KYO_CLIENTS=socketio` every story that does not
//! choose a framing is told by Socket.IO clients instead of native ones.

#[path = "../support/mod.rs"]
mod support;

mod batch;
mod convergence;
mod double_booking;
mod drain;
mod dry_run;
mod exactly_once;
mod flood;
mod framing;
mod handover;
mod handshake;
mod heartbeat;
mod join;
mod locks;
mod malformed;
mod merge;
mod order;
mod overlap;
mod overrides;
mod presence;
mod rate_limits;
mod restore;
mod roles;
mod room_closed;
mod slow_consumer;
mod socketio;
mod templates;
mod tenants;
mod token_expiry;
mod undo;
mod upgrade;
