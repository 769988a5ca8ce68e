//! Clients of one thread, and what they read in which order.

use std::rc::Rc;
use std::task::Waker;

use actix::prelude::{Actor, Handler};

use super::*;
use crate::actors::outbox::{Budget, Inlet, Outbox};
use crate::actors::outlet::{Outlet, Overrun};
use crate::protocol::code::CloseCode;
use crate::protocol::server::{Pong, ServerMessage, encode};
use crate::protocol::text::Text;

/// Any.
const PLACE: Place = Place { index: 0, serial: 1 };
const BUDGET: Budget = Budget { frames: 4, bytes: 1 << 20 };

/// A client's session; counts how often it hears that its client is too slow.
#[derive(Default)]
struct Session(Rc<Cell<usize>>);

impl Actor for Session {
    type Context = actix::Context<Self>;
}

impl Handler<Overrun> for Session {
    type Result = ();

    fn handle(&mut self, _: Overrun, _: &mut Self::Context) {
        self.0.set(self.0.get() + 1);
    }
}

/// A thread whose task runs when the test says so.
struct Thread {
    fanout: Rc<Fanout>,
    round: Round,
    overruns: Rc<Cell<usize>>,
}

impl Thread {
    fn new() -> Self {
        let (fanout, round) = Fanout::new();
        Self { fanout, round, overruns: Rc::default() }
    }

    fn client(&self) -> (Outlet, Inlet) {
        let (outbox, inlet) = Outbox::new(&self.fanout, BUDGET, None);
        let overruns = self.overruns.clone();
        let session = Session::create(|_| Session(overruns));
        (Outlet::native(outbox.writer(session.recipient())), inlet)
    }

    /// Once; true when there is more to do.
    fn run(&mut self) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        self.round.step(&mut cx).is_ready()
    }
}

/// The `n`th frame of a test.
fn frame(n: i64) -> Frame {
    let server_time = Text(crate::domain::Instant(n));
    encode(None, &ServerMessage::Pong(Pong { server_time }))
}

fn send_to_all(outlets: &[&Outlet], frame: &Frame) -> usize {
    let mut multicast = Multicast::new(frame, outlets.len());
    let sent = outlets.iter().filter(|outlet| outlet.join(&mut multicast).is_ok()).count();
    multicast.send();
    sent
}

/// What the connection reads now.
fn read(inlet: &mut Inlet) -> Vec<String> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut all = Vec::new();
    while let Poll::Ready(Some(out)) = inlet.poll(&mut cx) {
        all.push(match out {
            Out::Frame(frame) => frame.json().to_string(),
            Out::Ping => "ping".to_owned(),
            Out::Close(code) => code.reason().to_owned(),
        });
    }
    all
}

fn texts(numbers: impl IntoIterator<Item = i64>) -> Vec<String> {
    numbers.into_iter().map(|n| frame(n).json().to_string()).collect()
}

#[actix::test]
async fn what_is_for_many_and_for_one_comes_in_the_order_it_was_sent() {
    let mut thread = Thread::new();
    let (anna, mut reads) = thread.client();
    let (ben, mut reads_too) = thread.client();
    anna.send(&frame(1)).unwrap();
    assert_eq!(send_to_all(&[&anna, &ben], &frame(2)), 2);
    anna.send(&frame(3)).unwrap();
    assert_eq!(send_to_all(&[&ben, &anna], &frame(4)), 2);
    thread.run();
    assert_eq!(read(&mut reads), texts([1, 2, 3, 4]));
    assert_eq!(read(&mut reads_too), texts([2, 4]));
}

#[actix::test]
async fn a_frame_for_a_connection_that_has_ended_is_not_the_next_ones() {
    let mut thread = Thread::new();
    let (anna, reads) = thread.client();
    anna.send(&frame(1)).unwrap();
    send_to_all(&[&anna], &frame(2));
    drop(reads);
    let (_ben, mut reads) = thread.client();
    thread.run();
    assert_eq!(read(&mut reads), texts([]));
    assert_eq!(anna.send(&frame(3)), Err(Behind::Gone));
    assert_eq!(send_to_all(&[&anna], &frame(4)), 0);
}

#[actix::test]
async fn who_is_too_slow_reads_up_to_the_close_without_a_gap() {
    let mut thread = Thread::new();
    let (anna, mut reads) = thread.client();
    let (ben, mut reads_too) = thread.client();
    for n in 1..=5 {
        assert_eq!(send_to_all(&[&anna, &ben], &frame(n)), 2, "it shows when they are there");
        thread.run();
        read(&mut reads_too);
    }
    // Its mailbox is a task of this thread: it has had its turn after a few of ours.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(thread.overruns.get(), 1, "the session is told once");
    assert_eq!(send_to_all(&[&anna, &ben], &frame(6)), 1);
    assert_eq!(anna.send(&frame(7)), Err(Behind::Full));
    assert_eq!(anna.close(CloseCode::SlowConsumer), Err(Behind::Full));
    assert_eq!(read(&mut reads), texts(1..=4));
    anna.close(CloseCode::SlowConsumer).unwrap();
    thread.run();
    assert_eq!(read(&mut reads), ["slow_consumer"]);
}

#[actix::test]
async fn an_answer_behind_a_frame_that_did_not_fit_is_not_read_either() {
    let mut thread = Thread::new();
    let (anna, mut reads) = thread.client();
    for n in 1..=3 {
        anna.send(&frame(n)).unwrap();
    }
    send_to_all(&[&anna], &frame(4));
    send_to_all(&[&anna], &frame(5));
    anna.send(&frame(6)).unwrap();
    thread.run();
    assert_eq!(read(&mut reads), texts(1..=3), "3 and the answer had room when they were sent");
    assert_eq!(anna.backlog().frames, 0);
}

#[actix::test]
async fn a_thread_that_is_far_behind_takes_no_more_frames_for_many() {
    let mut thread = Thread::new();
    let (anna, mut reads) = thread.client();
    let (ben, _reads) = thread.client();
    let each = weight(&[PLACE], &frame(1));
    for sent in 0..WAITING.div_ceil(each) {
        assert_eq!(anna.is_behind(), sent * each >= WAITING / 4, "pointers are left out before");
        assert_eq!(send_to_all(&[&ben], &frame(1)), 1);
    }
    assert_eq!(send_to_all(&[&anna], &frame(2)), 0);
    assert_eq!(anna.send(&frame(3)), Err(Behind::Full), "there would be a gap");
    while thread.run() {}
    let (cleo, mut reads_on) = thread.client();
    assert!(!cleo.is_behind());
    assert_eq!(send_to_all(&[&cleo], &frame(4)), 1);
    thread.run();
    assert_eq!(read(&mut reads_on), texts([4]));
    assert_eq!(read(&mut reads), texts([]));
}

#[actix::test]
async fn nothing_comes_after_the_close_and_nobody_reads_on_when_all_writers_are_gone() {
    let mut thread = Thread::new();
    let (anna, mut reads) = thread.client();
    let (ben, mut reads_on) = thread.client();
    anna.close(CloseCode::Restart).unwrap();
    anna.send(&frame(1)).unwrap();
    send_to_all(&[&anna, &ben], &frame(2));
    drop(ben);
    thread.run();
    assert_eq!(read(&mut reads), [CloseCode::Restart.reason()]);
    assert_eq!(read(&mut reads_on), texts([2]));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(reads_on.poll(&mut cx), Poll::Ready(None)));
    assert!(reads.poll(&mut cx).is_pending(), "its writer is there");
}

/// Enough of them that the thread makes itself a copy of each frame.
#[actix::test]
async fn a_large_room_reads_what_was_sent_and_says_what_it_left_unread() {
    let mut thread = Thread::new();
    let (outlets, mut inlets): (Vec<_>, Vec<_>) = (0..APART + 1).map(|_| thread.client()).unzip();
    let all: Vec<_> = outlets.iter().collect();
    for n in 1..=3 {
        assert_eq!(send_to_all(&all, &frame(n)), all.len());
        thread.run();
        assert!(all.iter().all(|outlet| outlet.unread() == n as usize));
    }
    for (outlet, inlet) in outlets.iter().zip(&mut inlets) {
        assert_eq!(read(inlet), texts(1..=3));
        assert_eq!(outlet.unread(), 0);
        assert_eq!(outlet.backlog().frames, 0);
    }
}

/// Whoever is written first must not keep the thread from all others.
#[actix::test]
async fn a_large_room_is_written_in_turns() {
    let mut thread = Thread::new();
    let clients: Vec<_> = (0..TURN * 2).map(|_| thread.client()).collect();
    let outlets: Vec<_> = clients.iter().map(|(outlet, _)| outlet).collect();
    send_to_all(&outlets, &frame(1));
    assert!(thread.run());
    assert_eq!(thread.round.due.len(), TURN);
    assert!(!thread.run());
}

#[actix::test]
async fn who_is_served_by_nobody_any_more_reads_no_further() {
    let thread = Thread::new();
    let (anna, mut reads) = thread.client();
    drop(thread.round);
    assert!(thread.fanout.is_over());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(reads.poll(&mut cx), Poll::Ready(None)));
    assert_eq!(anna.send(&frame(1)), Err(Behind::Gone));
    assert_eq!(send_to_all(&[&anna], &frame(2)), 0);
}
