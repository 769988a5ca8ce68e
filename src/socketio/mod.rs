//! Socket.IO 5 over Engine.IO: namespaces, events with acknowledgements, binary attachments
//! (socket.io's `socket.io-protocol`, revision 5). It knows nothing of what the events mean: whoever
//! mounts an endpoint gives a [`Service`]; each client becomes a [`Visitor`], each namespace that it
//! is let into a [`Member`].
//!
//! An event for many is encoded once ([`encode::event`]) and shared. Reading order: `decode`,
//! `encode`, `service`, `client`.

mod asks;
mod client;
mod config;
pub mod decode;
pub mod encode;
mod json;
mod mount;
mod service;
mod socket;

pub use asks::{AskError, Reply};
pub use config::{Config, Limits};
pub use mount::mount;
pub use service::{Event, Left, Member, Refusal, Service, Visitor};
pub use socket::{Ack, Socket};

pub use crate::engineio::{Batch, Behind, Closed, Flow, Link};
