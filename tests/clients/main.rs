//! Real Socket.IO clients against the real service: three versions of the official one for
//! JavaScript, python-socketio and rust_socketio, over WebSocket, long-polling and an upgrade from one
//! to the other. The stories are written once, in Rust; a small program for each language does what
//! it is told (`driver`). `scripts/setup-socketio.sh` installs what they need.

#[path = "../support/servers/mod.rs"]
mod servers;
#[path = "../support/mod.rs"]
mod support;

mod driver;
mod guest;
mod kind;
mod pair;
mod tap;

mod balancing;
mod deploy;
mod editing;
mod leaving;
mod resuming;
mod tokens;
mod upgrading;
