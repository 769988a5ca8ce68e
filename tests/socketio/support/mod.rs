//! A server with both layers, a client that polls, a client on a WebSocket, and the server's side of
//! every Socket.IO client.

#[path = "../../../examples/socketio_conformance/echo.rs"]
mod echo;
#[path = "../../support/patience.rs"]
mod patience;
mod poller;
mod server;
mod stage;
mod table;
mod ws;

pub use patience::{until, within};
pub use poller::{Poller, answer, get, head, raw, request};
pub use server::{Server, settings};
pub use stage::{Guest, Heard};
pub use table::two;
pub use ws::Ws;
