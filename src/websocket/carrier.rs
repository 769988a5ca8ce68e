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
pub struct Connection(Rc<RefCell<TcpStream>>);

impl Connection {
    /// Takes over `stream`.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self(Rc::new(RefCell::new(stream)))
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
        let mut writer = Writer::new(self.clone());
        writer.push(first);
        poll_fn(|cx| {
            if signal.poll_killed(cx) {
                return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
            }
            writer.poll(&mut frames, cx)
        })
        .await?;
        drop(frames);
        timeout(LAST_WORDS, poll_fn(|cx| writer.write(cx))).await??;
        self.farewell().await
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn write(&self, bytes: Bytes) -> io::Result<()> {
        let mut writer = Writer::new(self.clone());
        writer.push(bytes);
        poll_fn(|cx| writer.write(cx)).await
    }

    fn poll_write(&self, cx: &mut Context<'_>, frames: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut stream = self.0.borrow_mut();
        let stream = Pin::new(&mut *stream);
        match frames {
            [frame] => stream.poll_write(cx, frame),
            frames => stream.poll_write_vectored(cx, frames),
        }
    }

    async fn farewell(self) -> io::Result<()> {
        poll_fn(|cx| Pin::new(&mut *self.0.borrow_mut()).poll_shutdown(cx)).await?;
        let mut rest = self.reader(Bytes::new());
        let read = async { while let Some(Ok(_)) = rest.next().await {} };
        timeout(FAREWELL, read).await.ok();
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
        let mut stream = self.connection.0.borrow_mut();
        ready!(Pin::new(&mut *stream).poll_read(cx, &mut read))?;
        let bytes = read.filled();
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Bytes::copy_from_slice(bytes))))
    }
}

/// Frames on their way into the kernel.
struct Writer {
    connection: Connection,
    waiting: VecDeque<Bytes>,
    bytes: usize,
    over: bool,
}

impl Writer {
    fn new(connection: Connection) -> Self {
        Self { connection, waiting: VecDeque::new(), bytes: 0, over: false }
    }

    fn push(&mut self, frame: Bytes) {
        if !frame.is_empty() {
            self.bytes += frame.len();
            self.waiting.push_back(frame);
        }
    }

    /// Ready when `frames` has ended; what still waits then is left to [`Self::write`].
    fn poll<S, E>(&mut self, frames: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        loop {
            let dry = self.gather(frames, cx)?;
            if self.over {
                return Poll::Ready(Ok(()));
            }
            ready!(self.write(cx))?;
            if dry {
                return Poll::Pending;
            }
        }
    }

    /// Takes over what there is, as far as it may; whether that was all for now.
    fn gather<S, E>(&mut self, frames: &mut S, cx: &mut Context<'_>) -> io::Result<bool>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        while !self.over && self.bytes < AHEAD && self.waiting.len() < AT_ONCE {
            match frames.poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(frame))) => self.push(frame),
                Poll::Ready(Some(Err(_))) => return Err(ErrorKind::InvalidData.into()),
                Poll::Ready(None) => self.over = true,
                Poll::Pending => return Ok(true),
            }
        }
        Ok(false)
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.bytes > 0 {
            let mut slices = [IoSlice::new(&[]); AT_ONCE];
            let count = self.waiting.len().min(AT_ONCE);
            for (slice, frame) in slices.iter_mut().zip(&self.waiting) {
                *slice = IoSlice::new(frame);
            }
            let written = ready!(self.connection.poll_write(cx, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.written(written);
        }
        Poll::Ready(Ok(()))
    }

    fn written(&mut self, mut count: usize) {
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
    }
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
