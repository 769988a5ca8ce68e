//! Plumbing under every WebSocket of this service, whatever is spoken on it: what one connection
//! takes in ahead of its handling, what it writes, how its bytes are carried and cut, where frames end, and
//! messages that come in fragments. It knows no message and no session; `actix-web-actors` brings frames in and
//! this is what stands around it.

mod bounds;
mod carrier;
mod fragments;
mod intake;
mod signal;
mod wire;

pub use bounds::Bounds;
pub use carrier::{Connection, Reader};
pub use fragments::{Fragments, TooLarge, Whole};
pub use intake::{Intake, Meter, payload_of};
pub use signal::Signal;
pub use wire::{Wire, close_frame};
