//! Where the answer to a request goes: to a socket, repeating the request's number or as a Socket.IO
//! acknowledgement, or to a waiting REST handler. A request that is lost on its way, because a room died with it or ended, is answered
//! all the same.

use serde_json::Number;
use tokio::sync::oneshot;

use super::outlet::Outlet;
use crate::protocol::error::WireError;
use crate::protocol::server::{ParticipantBody, ServerMessage, encode};
use crate::socketio::Ack;

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

/// One answer's address; used up by answering. Dropped unanswered, it says `unavailable`: the request
/// may have taken effect, and its repeat finds out.
pub struct ReplyTo(Option<To>);

enum To {
    Client { outlet: Outlet, re: Option<Number> },
    Ack(Ack),
    Rest(oneshot::Sender<Answer>),
}

impl ReplyTo {
    /// A client on a socket; `re` repeats its `id`.
    #[must_use]
    pub fn client(outlet: Outlet, re: Option<Number>) -> Self {
        Self(Some(To::Client { outlet, re }))
    }

    /// A Socket.IO client that awaits an acknowledgement.
    #[must_use]
    pub fn ack(ack: Ack) -> Self {
        Self(Some(To::Ack(ack)))
    }

    /// A REST handler that waits.
    #[must_use]
    pub fn rest(waiting: oneshot::Sender<Answer>) -> Self {
        Self(Some(To::Rest(waiting)))
    }

    /// Nobody: the request has no reply.
    #[must_use]
    pub fn nobody() -> Self {
        Self(None)
    }

    /// Takes the address back from a request that is answered otherwise or not at all; what it would
    /// have repeated. An acknowledgement that is awaited for nothing is given without a word.
    pub fn waive(mut self) -> Option<Number> {
        match self.0.take() {
            Some(To::Client { re, .. }) => re,
            Some(To::Ack(ack)) => {
                ack.answer::<&str>(&[], &[]).ok();
                None
            }
            Some(To::Rest(_)) | None => None,
        }
    }

    /// Whether a REST handler has stopped waiting. What a client on a socket gets is always made: it
    /// may have asked for more behind it.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(&self.0, Some(To::Rest(waiting)) if waiting.is_closed())
    }

    /// Answers. An answer that does not fit in a client's queue condemns that client; one whose
    /// receiver has left is dropped.
    pub fn send(mut self, answer: Answer) {
        self.put(answer);
    }

    /// Answers with a message.
    pub fn ok(self, message: ServerMessage) {
        self.send(Ok(Given::Message(message)));
    }

    /// Answers with an error.
    pub fn error(self, error: WireError) {
        self.send(Err(error));
    }

    fn put(&mut self, answer: Answer) {
        match self.0.take() {
            Some(To::Client { outlet, re }) => {
                if let Some(message) = message(answer) {
                    outlet.send(&encode(re.as_ref(), &message)).ok();
                }
            }
            Some(To::Ack(ack)) => {
                if let Some(message) = message(answer) {
                    ack.answer(&[encode(None, &message).json()], &[]).ok();
                }
            }
            Some(To::Rest(waiting)) => {
                waiting.send(answer).ok();
            }
            None => {}
        }
    }
}

fn message(answer: Answer) -> Option<ServerMessage> {
    match answer {
        Ok(Given::Message(message)) => Some(message),
        Ok(Given::Participants(_)) => None,
        Err(error) => Some(ServerMessage::Error(error)),
    }
}

impl Drop for ReplyTo {
    fn drop(&mut self) {
        self.put(Err(WireError::unavailable(200)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_handler_that_left_is_noticed() {
        let (reply, answer) = oneshot::channel();
        let reply = ReplyTo::rest(reply);
        assert!(!reply.is_gone());
        drop(answer);
        assert!(reply.is_gone());
        assert!(!ReplyTo::nobody().is_gone());
    }

    #[test]
    fn a_request_that_is_lost_on_its_way_is_answered() {
        let (reply, mut answer) = oneshot::channel();
        drop(ReplyTo::rest(reply));
        let error = answer.try_recv().expect("is answered").expect_err("is not done");
        assert_eq!(error.code.as_str(), "unavailable");
    }
}
