//! The Socket.IO endpoint's two layers, over real connections to a server with two threads: what the
//! official suites ask (they are not in this repository, `scripts/socketio-conformance.sh` runs them)
//! and what they leave out.

mod codec;
mod engine;
mod packets;
mod support;
