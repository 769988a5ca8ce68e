//! Where the answer to a request goes: to a socket, repeating the request's number, or to a waiting
//! REST handler.

use serde_json::Number;
use tokio::sync::oneshot;

use super::outlet::Outlet;
use crate::protocol::error::WireError;
use crate::protocol::server::{ParticipantBody, ServerMessage, encode};

/// What a room answers.
#[derive(Clone, Debug)]
pub enum Given {
    /// A message of the contract.
    Message(ServerMessage),
    /// Who is in a room; REST asks for it, sessions hear it unasked.
    Participants(Vec<ParticipantBody>),
}

/// An answer.
pub type Answer = Result<Given, WireError>;

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
    /// Answers. An answer that does not fit in a client's queue condemns that client; one whose
    /// receiver has left is dropped.
    pub fn send(self, answer: Answer) {
        match self {
            Self::Client { outlet, re } => {
                let message = match answer {
                    Ok(Given::Message(message)) => message,
                    Ok(Given::Participants(_)) => return,
                    Err(error) => ServerMessage::Error(error),
                };
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
        self.send(Ok(Given::Message(message)));
    }

    /// Answers with an error.
    pub fn error(self, error: WireError) {
        self.send(Err(error));
    }
}
