//! How a session ends. Its handler hears of it at once and once; the client gets what the transport
//! allows: the rest of the queue and a close, or a cut connection when it does not even take that.

use std::time::{Duration, Instant};

use super::polling::Refusal;
use super::{Phase, Session, Transport};
use crate::engineio::handler::Closed;

/// How long a WebSocket that ended without its owner's wish has to take the close frame.
const FAREWELL: Duration = Duration::from_secs(5);

impl Session {
    /// Ends an open session; one that is closing already is over.
    pub(super) fn end(&mut self, why: Closed) {
        self.inbox = None;
        self.answer_upload(if why == Closed::ClientLeft { Ok(()) } else { Err(Refusal::Bad) });
        if self.phase != Phase::Open {
            return self.finish();
        }
        self.tell_closed(why);
        let grace = self.endpoint.config.close_grace;
        let until = self.now() + grace.min(FAREWELL);
        match &mut self.transport {
            Transport::Socket(_) => {
                self.outlet.close(None, None);
                self.phase = Phase::Closing(until);
            }
            Transport::Polling(polling) => {
                let left = why == Closed::ClientLeft;
                let word = if left { b"6" } else { b"1" };
                let waiting = polling.waiting.take();
                let waited = waiting.map(|poll| poll.answer(Ok(word.to_vec())).ok()).is_some();
                if left && !waited {
                    polling.dismiss_candidate();
                    self.phase = Phase::Lingering(until);
                } else {
                    self.finish();
                }
            }
        }
    }

    /// The owner wants it closed: the client may take what is queued.
    pub(super) fn wind_down(&mut self) {
        self.tell_closed(Closed::ByOwner);
        self.phase = Phase::Closing(self.now() + self.endpoint.config.close_grace);
    }

    /// Nothing is left to do.
    pub(super) fn finish(&mut self) {
        if let Transport::Polling(polling) = &mut self.transport {
            polling.dismiss_candidate();
        }
        self.phase = Phase::Over;
    }

    /// Tells the handler, unless it knows. A client that was quicker to go than this actor to see
    /// that its owner closes it went because of that.
    pub(super) fn tell_closed(&mut self, why: Closed) {
        let why = if self.outlet.is_closing() { Closed::ByOwner } else { why };
        if !std::mem::replace(&mut self.told_closed, true) {
            self.handler.closed(why);
        }
    }

    /// The client did not take the end in time.
    pub(super) fn give_up(&mut self) {
        if let Transport::Socket(socket) = &mut self.transport
            && let Some(cut) = socket.cut.take()
        {
            cut();
        }
        self.finish();
    }

    /// When something is due, `None` when never.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Over => None,
            Phase::Closing(until) | Phase::Lingering(until) => Some(until),
            Phase::Open => {
                let (mut noop, mut late) = (None, None);
                if let Transport::Polling(polling) = &self.transport {
                    noop = polling.noop_at();
                    late = polling.candidate.as_ref().map(|candidate| candidate.until);
                }
                let beat = Some(self.heartbeat.deadline());
                [beat, self.handler.deadline(), noop, late].into_iter().flatten().min()
            }
        }
    }
}
