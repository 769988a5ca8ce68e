//! Engine.IO.

mod ending;
mod handshake;
mod heartbeat;
mod limits;
mod origins;
mod polling;
mod upgrade;
mod websocket;
