//! Events of the server that await an answer from one client in one namespace.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use bytestring::ByteString;
use futures_channel::oneshot;

/// The client's answer: JSON texts and the bytes of their placeholders.
pub type Reply = Result<(Vec<ByteString>, Vec<Bytes>), AskError>;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The client did not answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Too many answers are awaited already, or the client is too slow; nothing was sent.
    #[error("too many questions")]
    Busy,
}

/// A question.
pub(super) struct Ask {
    pub name: ByteString,
    pub args: Vec<ByteString>,
    pub attachments: Vec<Bytes>,
    pub patience: Duration,
    pub reply: oneshot::Sender<Reply>,
}

/// Questions that wait. Whoever asked and went away is not told.
#[derive(Default)]
pub(super) struct Asks {
    next: u64,
    waiting: BTreeMap<u64, (Instant, oneshot::Sender<Reply>)>,
}

impl Asks {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The number that the next question would have.
    pub(super) fn number(&self) -> u64 {
        self.next
    }

    /// Awaits the answer to [`Asks::number`].
    pub(super) fn wait(&mut self, until: Instant, reply: oneshot::Sender<Reply>) {
        self.waiting.insert(self.next, (until, reply));
        self.next += 1;
    }

    /// An answer has come; to what nobody asked, or twice, it is nothing.
    pub(super) fn answered(&mut self, id: u64, args: Vec<ByteString>, attachments: Vec<Bytes>) {
        if let Some((_, reply)) = self.waiting.remove(&id) {
            reply.send(Ok((args, attachments))).ok();
        }
    }

    /// When the first of them is too late.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|(until, _)| *until).min()
    }

    /// Gives up what is too late.
    pub(super) fn expire(&mut self, now: Instant) {
        for (_, (_, reply)) in self.waiting.extract_if(.., |_, (until, _)| *until <= now) {
            reply.send(Err(AskError::TimedOut)).ok();
        }
    }
}
