//! Where the answer to a request goes: to a socket, repeating the request's number, or to a waiting
//! REST handler.

use serde_json::Number;
use tokio::sync::oneshot;

use super::outlet::Outlet;
use crate::protocol::{ServerMessage, WireError, encode};

/// What a REST handler receives.
pub type Answer = Result<ServerMessage, WireError>;

/// One answer's address; used up by answering.
pub enum ReplyTo {
    /// A client on a socket; `re` repeats its `id`.
    Client {
        /// The way out.
        outlet: Outlet,
        /// The request's `id`, if it had one.
        re: Option<Number>,
    },
    /// A REST handler that waits.
    Rest(oneshot::Sender<Answer>),
    /// Nobody: the request has no reply.
    Nobody,
}

impl ReplyTo {
    /// Answers. An answer that can't be delivered is dropped: its client is behind (its session
    /// hears so from the room's next broadcast, or pings) or has left.
    pub fn send(self, answer: Answer) {
        match self {
            Self::Client { outlet, re } => {
                let message = answer.unwrap_or_else(ServerMessage::Error);
                outlet.send(&encode(re.as_ref(), &message)).ok();
            }
            Self::Rest(waiting) => {
                waiting.send(answer).ok();
            }
            Self::Nobody => {}
        }
    }

    /// Answers with a message.
    pub fn ok(self, message: ServerMessage) {
        self.send(Ok(message));
    }

    /// Answers with an error.
    pub fn error(self, error: WireError) {
        self.send(Err(error));
    }
}
