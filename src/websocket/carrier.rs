//! A connection after its upgrade. actix-http's dispatcher would go on with two buffers of 8 KiB each, copy
//! every frame into one of them and write it in pieces of that. A WebSocket needs neither: what it reads is
//! handed on at once, and what it writes are frames that many connections share. So it leaves the
//! dispatcher, and this carries its bytes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_http::error::PayloadError;
use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Signal;

/// Bytes taken over from the connection's queue before they are written. Whoever does not read has them
/// besides what its queue may hold; one frame may be longer.
const AHEAD: usize = 16 * 1024;
/// The same in frames, which go out in one write.
const AT_ONCE: usize = 16;
/// Bytes of one read.
const READ: usize = 16 * 1024;
/// How long the client has to read what waited when its frames ended: nobody is left to cut it.
const LAST_WORDS: Duration = Duration::from_secs(10);
/// How long the client has then to end its side (RFC 6455, section 7.1.1): a socket that is closed
/// before it was read empty is reset, and our last words would be lost.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection of this thread, shared by what reads from it and what writes to it.
#[derive(Clone)]
pub struct Connection(Rc<RefCell<Line>>);

/// The socket, and frames on their way into the kernel.
struct Line {
    stream: TcpStream,
    waiting: VecDeque<Bytes>,
    bytes: usize,
    /// Whether frames may be written now: after the head of the upgrade and before the close.
    open: bool,
}

impl Connection {
    /// Takes over `stream`.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        let line = Line { stream, waiting: VecDeque::new(), bytes: 0, open: false };
        Self(Rc::new(RefCell::new(line)))
    }

    /// What the client sends: `first`, which was read along with its request, and the rest. Ends when
    /// the client does.
    #[must_use]
    pub fn reader(&self, first: Bytes) -> Reader {
        Reader { connection: self.clone(), first }
    }

    /// Writes `first` and then what `frames` gives until it ends, or the connection does; then says
    /// goodbye. `frames` is polled while little waits for the client to read.
    ///
    /// # Errors
    /// When the connection breaks, or `signal` cuts it.
    pub async fn carry<S, E>(self, first: Bytes, mut frames: S, signal: Signal) -> io::Result<()>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        self.push(first);
        self.0.borrow_mut().open = true;
        let carried = poll_fn(|cx| {
            if signal.poll_killed(cx) {
                return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
            }
            self.poll_carry(&mut frames, cx)
        })
        .await;
        self.0.borrow_mut().open = false;
        carried?;
        drop(frames);
        timeout(LAST_WORDS, poll_fn(|cx| self.poll_write(cx))).await??;
        self.farewell().await
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn write(&self, bytes: Bytes) -> io::Result<()> {
        self.push(bytes);
        poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Writes what `next` gives for as long as the kernel takes it at once, between what
    /// [`Connection::carry`] writes. False when the task that carries has to go on, because something
    /// waits for the client to read, or else is not ready for it.
    pub fn write_through(&self, next: impl FnMut() -> Option<Bytes>) -> bool {
        let line = &mut *self.0.borrow_mut();
        line.open && line.bytes == 0 && line.write_through(next)
    }

    fn push(&self, frame: Bytes) {
        self.0.borrow_mut().push(frame);
    }

    /// Ready when `frames` has ended; what still waits then is left to [`Self::poll_write`].
    fn poll_carry<S, E>(&self, frames: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        loop {
            let took = self.gather(frames, cx)?;
            if took == Took::TheEnd {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_write(cx))?;
            if took == Took::All {
                return Poll::Pending;
            }
        }
    }

    /// Takes over what there is, as far as it may.
    fn gather<S, E>(&self, frames: &mut S, cx: &mut Context<'_>) -> io::Result<Took>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        while self.0.borrow().has_room() {
            match frames.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(frame))) => self.push(frame),
                Poll::Ready(Some(Err(_))) => return Err(ErrorKind::InvalidData.into()),
                Poll::Ready(None) => return Ok(Took::TheEnd),
                Poll::Pending => return Ok(Took::All),
            }
        }
        Ok(Took::Some)
    }

    fn poll_write(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = &mut *self.0.borrow_mut();
        while line.bytes > 0 {
            let written = {
                let (slices, count) = slices(&line.waiting);
                let stream = Pin::new(&mut line.stream);
                match &slices[..count] {
                    [frame] => stream.poll_write(cx, frame),
                    frames => stream.poll_write_vectored(cx, frames),
                }
            };
            line.written(ready!(written)?)?;
        }
        Poll::Ready(Ok(()))
    }

    async fn farewell(self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut self.0.borrow_mut().stream).poll_shutdown(cx)).await?;
        let mut rest = self.reader(Bytes::new());
        let read = async { while let Some(Ok(_)) = rest.next().await {} };
        timeout(FAREWELL, read).await.ok();
        Ok(())
    }
}

/// What was there to take over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Took {
    /// As much as may wait; there may be more.
    Some,
    /// All for now.
    All,
    TheEnd,
}

impl Line {
    fn has_room(&self) -> bool {
        self.bytes < AHEAD && self.waiting.len() < AT_ONCE
    }

    fn push(&mut self, frame: Bytes) {
        if !frame.is_empty() {
            self.bytes += frame.len();
            self.waiting.push_back(frame);
        }
    }

    fn write_through(&mut self, mut next: impl FnMut() -> Option<Bytes>) -> bool {
        while let Some(first) = next() {
            let second = if first.len() < AHEAD { next() } else { None };
            let went = match second {
                None => self.write_one(first),
                Some(second) => {
                    self.push(first);
                    self.push(second);
                    while self.has_room()
                        && let Some(frame) = next()
                    {
                        self.push(frame);
                    }
                    self.write_all()
                }
            };
            if !went {
                return false;
            }
        }
        true
    }

    /// A frame that nothing else goes with, which is nearly all: `waiting` is memory that is not touched
    /// for it.
    fn write_one(&mut self, mut frame: Bytes) -> bool {
        // What is wrong shows to the task, which writes again.
        let count = self.stream.try_write(&frame).unwrap_or_default();
        frame.advance(count);
        self.push(frame);
        self.bytes == 0
    }

    fn write_all(&mut self) -> bool {
        let (slices, count) = slices(&self.waiting);
        let written = self.stream.try_write_vectored(&slices[..count]);
        written.and_then(|count| self.written(count)).is_ok() && self.bytes == 0
    }

    fn written(&mut self, mut count: usize) -> io::Result<()> {
        if count == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        self.bytes -= count;
        while let Some(frame) = self.waiting.front_mut()
            && count > 0
        {
            let part = count.min(frame.len());
            frame.advance(part);
            count -= part;
            if frame.is_empty() {
                self.waiting.pop_front();
            }
        }
        Ok(())
    }
}

/// What the client of a [`Connection`] sends.
pub struct Reader {
    connection: Connection,
    first: Bytes,
}

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
        }
        // On the stack, and not made zero first: no connection waits with a buffer of its own.
        let mut scratch = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut scratch);
        let mut line = self.connection.0.borrow_mut();
        ready!(Pin::new(&mut line.stream).poll_read(cx, &mut read))?;
        let bytes = read.filled();
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Bytes::copy_from_slice(bytes))))
    }
}

/// The first frames for one write, and how many.
fn slices(waiting: &VecDeque<Bytes>) -> ([IoSlice<'_>; AT_ONCE], usize) {
    let mut slices = [IoSlice::new(&[]); AT_ONCE];
    for (slice, frame) in slices.iter_mut().zip(waiting) {
        *slice = IoSlice::new(frame);
    }
    (slices, waiting.len().min(AT_ONCE))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// More than the kernel takes for a client that does not read.
    const LARGE: usize = 16 * 1024 * 1024;

    async fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        (Connection::new(server), client)
    }

    fn frames(
        frames: impl IntoIterator<Item = Bytes>,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin {
        stream::iter(frames.into_iter().map(Ok).collect::<Vec<_>>())
    }

    #[actix::test]
    async fn what_came_along_with_the_request_is_read_first_and_the_end_is_the_clients() {
        let (connection, mut client) = pair().await;
        client.write_all(b"later").await.unwrap();
        drop(client);
        let read = connection.reader(Bytes::from_static(b"first, "));
        let read: Vec<_> = read.map(Result::unwrap).collect().await;
        assert_eq!(read.concat(), b"first, later");
    }

    #[actix::test]
    async fn frames_arrive_whole_and_in_order_however_large_and_many() {
        let (connection, mut client) = pair().await;
        let sizes = [0, 1, AHEAD, LARGE].into_iter().chain((0..100).map(|n| n * 7));
        let sent: Vec<_> =
            sizes.enumerate().map(|(n, size)| Bytes::from(vec![n as u8; size])).collect();
        let wanted = sent.concat();
        let carried =
            connection.carry(Bytes::from_static(b"head"), frames(sent), Signal::default());
        let read = async {
            let mut read = Vec::new();
            client.read_to_end(&mut read).await.map(|_| read)
        };
        let (carried, read) = futures_util::join!(carried, read);
        carried.unwrap();
        let read = read.unwrap();
        assert_eq!(&read[..4], b"head");
        assert!(read[4..] == wanted, "the bytes arrive as they were sent");
    }

    #[actix::test]
    async fn who_does_not_read_stops_the_queue_and_not_the_kill() {
        let (connection, _client) = pair().await;
        let signal = Signal::default();
        let taken = std::cell::Cell::new(0);
        let endless = stream::poll_fn(|_| {
            taken.set(taken.get() + 1);
            Poll::Ready(Some(Ok::<_, Infallible>(Bytes::from(vec![0; AHEAD]))))
        });
        let mut carried = Box::pin(connection.carry(Bytes::new(), endless, signal.clone()));
        while futures_util::poll!(&mut carried).is_pending() {
            let before = taken.get();
            tokio::time::sleep(Duration::from_millis(50)).await;
            if futures_util::poll!(&mut carried).is_pending() && taken.get() == before {
                break;
            }
        }
        assert!(taken.get() * AHEAD < LARGE, "{} were taken", taken.get());
        signal.kill();
        assert_eq!(carried.await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    }

    /// A task that carries `connection` and has nothing to carry.
    fn carried(connection: &Connection) -> impl Future<Output = io::Result<()>> + Unpin + use<> {
        let nothing = stream::pending::<Result<Bytes, Infallible>>();
        Box::pin(connection.clone().carry(Bytes::from_static(b"head "), nothing, Signal::default()))
    }

    #[actix::test]
    async fn nothing_is_written_through_before_the_head() {
        let (connection, mut client) = pair().await;
        let mut words = vec![Bytes::from_static(b"first "), Bytes::from_static(b"second")];
        words.reverse();
        assert!(!connection.write_through(|| words.pop()));
        let mut carried = carried(&connection);
        assert!(futures_util::poll!(&mut carried).is_pending());
        while words.len() == 2 {
            tokio::task::yield_now().await;
            connection.write_through(|| words.pop());
        }
        drop((carried, connection));
        let mut read = String::new();
        client.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "head first second");
    }

    /// What the kernel does not take is the task's, and nothing overtakes it.
    #[actix::test]
    async fn what_does_not_go_through_at_once_goes_first() {
        let (connection, mut client) = pair().await;
        let mut carried = carried(&connection);
        assert!(futures_util::poll!(&mut carried).is_pending());
        let large: Bytes = (0..LARGE).map(|n| n as u8).collect();
        let mut frames = vec![Bytes::from_static(b"last"), large.clone()];
        while connection.write_through(|| frames.pop()) {
            tokio::task::yield_now().await;
        }
        assert!(!connection.write_through(|| frames.pop()), "the rest of the large one waits");
        assert_eq!(frames, ["last"]);
        let mut read = vec![0; "head ".len() + LARGE];
        let reading = client.read_exact(&mut read);
        futures_util::future::select(Box::pin(reading), carried).await;
        assert!(read.ends_with(&large), "as it was sent");
        while !connection.write_through(|| frames.pop()) {
            tokio::task::yield_now().await;
        }
        let mut read = [0; 4];
        client.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"last");
    }

    /// One, two and more at once than go in one write, until the kernel takes no more; the task has the rest.
    #[actix::test]
    async fn what_is_written_through_arrives_as_it_was_sent_wherever_the_kernel_stops() {
        let (connection, mut client) = pair().await;
        let endless = stream::pending::<Result<Bytes, Infallible>>();
        let mut carried =
            Box::pin(connection.clone().carry(Bytes::new(), endless, Signal::default()));
        assert!(futures_util::poll!(&mut carried).is_pending());
        let mut sent = Vec::new();
        let mut sizes = [1, 2, AT_ONCE + 1, 40].into_iter().cycle();
        loop {
            let mut batch: VecDeque<_> = (0..sizes.next().unwrap())
                .map(|n| Bytes::from(format!("<{} {}>", sent.len(), "x".repeat(n * 997 % 6_000))))
                .collect();
            let went = connection.write_through(|| {
                let frame = batch.pop_front()?;
                sent.extend_from_slice(&frame);
                Some(frame)
            });
            if !went {
                break;
            }
            assert!(batch.is_empty());
        }
        let mut read = vec![0; sent.len()];
        let reading = client.read_exact(&mut read);
        futures_util::future::select(Box::pin(reading), carried).await;
        assert!(read == sent);
    }

    #[actix::test]
    async fn last_words_reach_a_client_whose_own_were_not_read() {
        let (connection, mut client) = pair().await;
        client.write_all(&vec![0; READ * 2]).await.unwrap();
        let words = connection.carry(Bytes::from_static(b"goodbye"), frames([]), Signal::default());
        let read = async {
            let mut read = Vec::new();
            let result = client.read_to_end(&mut read).await;
            client.shutdown().await.ok();
            result.map(|_| read)
        };
        let (_, read) = futures_util::join!(words, read);
        assert_eq!(read.unwrap(), b"goodbye");
    }
}
