//! Engine.IO.

mod ending;
mod forward;
mod handshake;
mod heartbeat;
mod limits;
mod origins;
mod polling;
mod tunnel;
mod upgrade;
mod websocket;
