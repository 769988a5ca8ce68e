//! What one WebSocket is given to write: the answers of a session that it may become the transport
//! of, then that session's queue, frame by frame, to the close.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::ws::CloseReason;
use bytes::Bytes;
use futures_channel::mpsc::UnboundedReceiver;
use futures_util::{Stream, StreamExt};

use super::queue::{Inlet, Out};
use crate::websocket::close_frame;

/// `2`, an Engine.IO ping, in a text frame.
const PING: &[u8] = b"\x81\x012";
/// `3probe` in a text frame.
const PROBED: &[u8] = b"\x81\x063probe";

/// What a session says to a WebSocket that would be its transport.
#[derive(Debug)]
pub(super) enum Answer {
    /// The probe has arrived. Said once, so nothing piles up.
    Probed,
    /// It is the transport now and goes on with the session's queue.
    Become(Inlet),
    /// It is not wanted.
    Close,
}

/// The frames of one WebSocket.
pub(super) enum Line {
    Candidate(UnboundedReceiver<Answer>),
    Transport(Inlet),
    Ended,
}

impl Line {
    fn end(&mut self, status: Option<u16>) -> Bytes {
        *self = Self::Ended;
        close_frame(status.map(|code| CloseReason { code: code.into(), description: None }))
    }
}

impl Stream for Line {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            let frame = match &mut *self {
                Self::Candidate(answers) => match ready!(answers.poll_next_unpin(cx)) {
                    Some(Answer::Probed) => Bytes::from_static(PROBED),
                    Some(Answer::Become(inlet)) => {
                        *self = Self::Transport(inlet);
                        continue;
                    }
                    Some(Answer::Close) | None => self.end(None),
                },
                Self::Transport(inlet) => match ready!(inlet.poll(cx)) {
                    Some(Out::Batch(batch)) => batch.wire(),
                    Some(Out::Ping) => Bytes::from_static(PING),
                    Some(Out::Close(status)) => self.end(status),
                    None => self.end(None),
                },
                Self::Ended => return Poll::Ready(None),
            };
            return Poll::Ready(Some(frame));
        }
    }
}
