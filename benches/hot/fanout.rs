//! One frame to all members of a room, up to the bytes that each connection's stream hands to its carrier:
//! handed to the thread as a room does it, sorted by the thread's task, taken out by the stream, which is the way of
//! what is not written at once. No sockets.

use std::task::{Context, Poll, Waker};

use actix::prelude::{Context as Mailbox, Handler};
use actix::{Actor, AsyncContext};
use futures_util::StreamExt;
use kyo_collaboration::actors::config::Realtime;
use kyo_collaboration::actors::fanout::{Fanout, Multicast, Round};
use kyo_collaboration::actors::outbox::{Budget, Outbox};
use kyo_collaboration::actors::outlet::{Outlet, Overrun};
use kyo_collaboration::actors::wire::Frames;
use kyo_collaboration::protocol::Framing;
use kyo_collaboration::protocol::frame::Frame;
use kyo_collaboration::protocol::server::encode;

use super::Bench;
use super::wire::committed;

/// Would hear that a client is too slow; none is.
struct Session;

impl Actor for Session {
    type Context = Mailbox<Self>;
}

impl Handler<Overrun> for Session {
    type Result = ();

    fn handle(&mut self, _: Overrun, _: &mut Mailbox<Self>) {}
}

struct Room {
    outlets: Vec<Outlet>,
    connections: Vec<Frames>,
    /// The task of the connections' thread.
    round: Round,
}

impl Room {
    fn new(members: usize) -> Self {
        let config = Realtime::default();
        let budget = Budget { frames: config.outbox_frames, bytes: config.outbox_bytes };
        let session = Mailbox::<Session>::new().address().recipient();
        let (fanout, round) = Fanout::new();
        let (outlets, connections) = (0..members)
            .map(|_| {
                let (outbox, inlet) = Outbox::new(&fanout, budget, None);
                let outlet = Outlet::native(outbox.writer(session.clone()));
                (outlet, Frames::new(inlet, Framing::Json))
            })
            .unzip();
        Self { outlets, connections, round }
    }

    /// Queues the frame for everyone and writes it for everyone; how many bytes that were.
    fn pass(&mut self, frame: &Frame) -> usize {
        let mut multicast = Multicast::new(frame, self.outlets.len());
        let sent = self.outlets.iter().filter(|outlet| outlet.join(&mut multicast).is_ok());
        assert_eq!(sent.count(), self.outlets.len(), "nobody is behind");
        multicast.send();
        let mut cx = Context::from_waker(Waker::noop());
        while self.round.step(&mut cx).is_ready() {}
        self.connections.iter_mut().map(|frames| drain(frames, &mut cx)).sum()
    }
}

fn drain(frames: &mut Frames, cx: &mut Context<'_>) -> usize {
    let mut written = 0;
    while let Poll::Ready(Some(bytes)) = frames.poll_next_unpin(cx) {
        written += bytes.len();
    }
    written
}

pub fn to_20<B: Bench>(bench: &mut B) {
    to(bench, 20);
}

pub fn to_1000<B: Bench>(bench: &mut B) {
    to(bench, 1_000);
}

fn to<B: Bench>(bench: &mut B, members: usize) {
    let mut room = Room::new(members);
    let mut message = committed();
    bench.work(move || encode(None, &message()), |frame| room.pass(&frame));
}
