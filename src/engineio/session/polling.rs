//! Long-polling: one GET that waits for data and one POST that brings some, each at most once at a
//! time. A second one while the first is under way, or one that is broken off, ends the session, as in
//! the official server.

use std::task::{self, Poll as Ready};
use std::time::{Duration, Instant};

use actix::prelude::*;
use futures_channel::oneshot;
use futures_util::FutureExt;

use super::upgrade::Candidate;
use super::{Phase, Session, Transport};
use crate::engineio::batch::separate;
use crate::engineio::handler::Closed;
use crate::engineio::packet::Payload;
use crate::engineio::queue::{Inlet, Out};

/// How often a poll is sent back empty-handed while a WebSocket is about to take over.
pub(super) const NOOP_EVERY: Duration = Duration::from_millis(50);

/// Why a request of a session is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engineio) enum Refusal {
    /// It has ended.
    Unknown,
    /// It is not in the state for it, or this request ended it.
    Bad,
}

/// What a GET is answered with: a payload.
pub(in crate::engineio) type PollAnswer = Result<Vec<u8>, Refusal>;

/// A GET wants data. The answer comes through the channel; dropping its end says that the client is
/// gone.
#[derive(Message)]
#[rtype(result = "Result<oneshot::Receiver<PollAnswer>, Refusal>")]
pub(in crate::engineio) struct Poll;

/// A POST begins.
#[derive(Message)]
#[rtype(result = "Result<Uploading, Refusal>")]
pub(in crate::engineio) struct Post {
    /// Whether it claims to be binary, which protocol 4 does not have.
    pub binary: bool,
}

/// The POST's ends: dropping `body` says that the client broke it off.
#[derive(Debug)]
pub(in crate::engineio) struct Uploading {
    pub body: oneshot::Sender<Upload>,
    pub answer: oneshot::Receiver<Result<(), Refusal>>,
}

/// What came of a POST's body.
#[derive(Debug)]
pub(in crate::engineio) enum Upload {
    Packets(Payload),
    /// Not text.
    Bad,
    /// Larger than allowed; it counts as never sent.
    TooLarge,
}

/// The session's ends of a POST.
pub(super) struct Receiving {
    body: Option<oneshot::Receiver<Upload>>,
    answer: oneshot::Sender<Result<(), Refusal>>,
}

/// A session that polls.
pub(super) struct Polling {
    pub(super) inlet: Inlet,
    pub(super) waiting: Option<Waiting>,
    pub(super) candidate: Option<Candidate>,
}

/// A GET that waits.
pub(super) struct Waiting {
    reply: oneshot::Sender<PollAnswer>,
    /// It came after the close.
    late: bool,
}

impl Waiting {
    pub(super) fn answer(self, answer: PollAnswer) -> Result<(), PollAnswer> {
        self.reply.send(answer)
    }
}

impl Polling {
    pub(super) fn new(inlet: Inlet) -> Self {
        Self { inlet, waiting: None, candidate: None }
    }

    /// Everything that is queued as one payload, and whether it ends with the close.
    fn drain(&mut self, cx: &mut task::Context<'_>, late: bool) -> (Vec<u8>, bool) {
        let mut payload = Vec::new();
        while let Ready::Ready(Some(out)) = self.inlet.poll(cx) {
            match out {
                Out::Batch(batch) => batch.append_to(&mut payload),
                Out::Ping => {
                    separate(&mut payload);
                    payload.push(b'2');
                }
                // Whoever shall come back is not told `1`: python-socketio stays away after it. The next
                // poll finds no session, which every client takes for a fault of the network.
                Out::Close(Some(_)) => {
                    if payload.is_empty() {
                        payload.push(b'6');
                    }
                    return (payload, true);
                }
                Out::Close(None) => {
                    let close: &[u8] = if late && payload.is_empty() { b"6\x1e1" } else { b"1" };
                    separate(&mut payload);
                    payload.extend_from_slice(close);
                    return (payload, true);
                }
            }
        }
        (payload, false)
    }

    /// Whether the poll is to go back because a WebSocket is about to take over.
    fn takes_noop(&mut self, now: Instant) -> bool {
        let due = self.noop_at().is_some_and(|at| at <= now);
        if due && let Some(candidate) = &mut self.candidate {
            candidate.noop_at = Some(now + NOOP_EVERY);
        }
        due
    }

    pub(super) fn noop_at(&self) -> Option<Instant> {
        let candidate = self.candidate.as_ref().filter(|_| self.waiting.is_some())?;
        candidate.noop_at
    }
}

impl Handler<Poll> for Session {
    type Result = Result<oneshot::Receiver<PollAnswer>, Refusal>;

    fn handle(&mut self, _: Poll, _: &mut Self::Context) -> Self::Result {
        self.look_at_the_clock();
        let late = match self.phase {
            Phase::Over => return Err(Refusal::Unknown),
            Phase::Lingering(_) => {
                self.phase = Phase::Over;
                let (reply, answer) = oneshot::channel();
                return reply
                    .send(Ok(b"6".to_vec()))
                    .map_or(Err(Refusal::Unknown), |()| Ok(answer));
            }
            Phase::Closing(_) => true,
            Phase::Open => self.outlet.is_closing(),
        };
        let Transport::Polling(polling) = &mut self.transport else { return Err(Refusal::Bad) };
        if polling.waiting.is_some() {
            self.end(Closed::TransportError);
            return Err(Refusal::Bad);
        }
        let (reply, answer) = oneshot::channel();
        polling.waiting = Some(Waiting { reply, late });
        Ok(answer)
    }
}

impl Handler<Post> for Session {
    type Result = Result<Uploading, Refusal>;

    fn handle(&mut self, Post { binary }: Post, _: &mut Self::Context) -> Self::Result {
        self.look_at_the_clock();
        if matches!(self.phase, Phase::Over | Phase::Lingering(_)) {
            return Err(Refusal::Unknown);
        }
        if matches!(self.transport, Transport::Socket(_)) {
            return Err(Refusal::Bad);
        }
        if self.upload.is_some() || binary {
            self.end(if binary { Closed::BadPacket } else { Closed::TransportError });
            return Err(Refusal::Bad);
        }
        let (body, receiver) = oneshot::channel();
        let (sender, answer) = oneshot::channel();
        self.upload = Some(Receiving { body: Some(receiver), answer: sender });
        Ok(Uploading { body, answer })
    }
}

impl Session {
    /// Looks whether the POST's body has come.
    pub(super) fn poll_upload(&mut self, ctx: &mut Context<Self>, cx: &mut task::Context<'_>) {
        let Some(Receiving { body: Some(body), .. }) = &mut self.upload else { return };
        let Ready::Ready(upload) = body.poll_unpin(cx) else { return };
        match upload {
            Ok(Upload::Packets(packets)) => {
                if let Some(upload) = &mut self.upload {
                    upload.body = None;
                }
                self.inbox = Some(packets);
                self.proceed(ctx);
            }
            Ok(Upload::Bad) => self.end(Closed::BadPacket),
            Ok(Upload::TooLarge) => self.upload = None,
            Err(oneshot::Canceled) => {
                self.upload = None;
                self.end(Closed::TransportError);
            }
        }
    }

    pub(super) fn answer_upload(&mut self, answer: Result<(), Refusal>) {
        if let Some(Receiving { answer: sender, .. }) = self.upload.take() {
            // A client that did not wait for it is noticed by its next request, or by silence.
            sender.send(answer).ok();
        }
    }

    /// Gives a waiting GET what there is.
    pub(super) fn flush(&mut self, cx: &mut task::Context<'_>) {
        let now = self.now();
        let Transport::Polling(polling) = &mut self.transport else { return };
        let Some(waiting) = &mut polling.waiting else { return };
        if waiting.reply.poll_canceled(cx).is_ready() {
            polling.waiting = None;
            return self.end(Closed::TransportError);
        }
        let late = waiting.late;
        let (mut payload, last) = polling.drain(cx, late);
        if payload.is_empty() && polling.takes_noop(now) {
            payload.push(b'6');
        }
        if payload.is_empty() {
            return;
        }
        let taken = polling.waiting.take().is_some_and(|poll| poll.answer(Ok(payload)).is_ok());
        if last {
            self.finish();
        } else if !taken {
            self.end(Closed::TransportError);
        }
    }
}
