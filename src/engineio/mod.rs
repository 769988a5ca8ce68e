//! Engine.IO 4: a message stream over long-polling and WebSocket, with upgrade from one to the other
//! and a heartbeat (socket.io's `engine.io-protocol`, revision 4). It knows nothing of what the
//! messages mean: whoever mounts an endpoint gives a [`Service`], which gives each session a
//! [`Handler`].
//!
//! One actor a client owns its session; the queue towards the client ([`Outlet`]) is filled from
//! any thread and read by the WebSocket itself, so that a broadcast is encoded once and wakes
//! no actor. Reading order: `packet`, `batch`, `queue`, `session/`, `http/`.

mod batch;
mod config;
mod handler;
mod heartbeat;
mod http;
mod leaving;
mod line;
mod mount;
mod neighbours;
pub mod packet;
mod post;
mod queue;
mod registry;
mod session;
mod sid;
mod socket;

pub use batch::Batch;
pub use config::{Budget, Config};
pub use handler::{Closed, Cut, Flow, Handler, Link, Note, Service};
pub use mount::Mount;
pub use neighbours::{Address, Neighbours};
pub use packet::Message;
pub use queue::{Behind, Outlet};
pub use sid::Sid;
