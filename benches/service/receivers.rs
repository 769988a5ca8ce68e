//! The receiving ends of a fan-out: they drain their sockets and count frames, and do nothing else,
//! so that they are never what is measured. Service and floor are read by the same code.

use std::cell::RefCell;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::socket::frame_size;

thread_local! {
    /// One buffer for all sockets of a thread: it is used between two waits only.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 65_536]);
}

/// What arrived at all receivers together.
#[derive(Default)]
struct Arrived {
    frames: AtomicU64,
    bytes: AtomicU64,
}

/// A thread that drains many sockets until it is dropped.
pub struct Receivers {
    arrived: Arc<Arrived>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Receivers {
    /// Starts to drain; each stream must stand at the start of a frame.
    pub fn start(streams: Vec<TcpStream>) -> Self {
        let arrived = Arc::new(Arrived::default());
        let (stop, stopped) = oneshot::channel();
        let counts = Arc::clone(&arrived);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
            runtime.expect("a runtime").block_on(async {
                for stream in streams {
                    tokio::spawn(drain(stream, Arc::clone(&counts)));
                }
                // A dropped sender stops as well.
                let _ = stopped.await;
            });
        });
        Self { arrived, stop: Some(stop), thread: Some(thread) }
    }

    /// Frames that arrived so far.
    pub fn frames(&self) -> u64 {
        self.arrived.frames.load(Ordering::Relaxed)
    }

    /// Bytes that arrived so far.
    pub fn bytes(&self) -> u64 {
        self.arrived.bytes.load(Ordering::Relaxed)
    }

    /// Waits until nothing has arrived for half a second, at most ten.
    pub fn settle(&self) {
        let patience = Instant::now() + Duration::from_secs(10);
        let mut before = u64::MAX;
        while self.bytes() != before && Instant::now() < patience {
            before = self.bytes();
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been printed and spoils the counts, which are then too low.
            let _ = thread.join();
        }
    }
}

async fn drain(stream: TcpStream, arrived: Arc<Arrived>) {
    stream.set_nonblocking(true).expect("a TCP socket");
    let stream = tokio::net::TcpStream::from_std(stream).expect("inside a runtime");
    let mut counter = FrameCounter::default();
    while stream.readable().await.is_ok() {
        let read = BUFFER.with_borrow_mut(|buffer| {
            let read = stream.try_read(buffer)?;
            let frames = counter.feed(&buffer[..read]);
            arrived.frames.fetch_add(frames, Ordering::Relaxed);
            arrived.bytes.fetch_add(read as u64, Ordering::Relaxed);
            Ok::<_, std::io::Error>(read)
        });
        match read {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

/// Counts frames in a stream of bytes without keeping them.
#[derive(Default)]
struct FrameCounter {
    /// A frame's head that has not arrived completely.
    head: Vec<u8>,
    /// Bytes of the current frame's payload still to come.
    skip: usize,
}

impl FrameCounter {
    /// Takes the next bytes; gives how many frames ended in them.
    fn feed(&mut self, mut bytes: &[u8]) -> u64 {
        let mut frames = 0;
        while !bytes.is_empty() {
            if self.skip > 0 {
                let step = self.skip.min(bytes.len());
                self.skip -= step;
                bytes = &bytes[step..];
                frames += u64::from(self.skip == 0);
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            if let Some((head, size)) = frame_size(&self.head)
                && self.head.len() == head
            {
                self.head.clear();
                self.skip = size;
                frames += u64::from(size == 0);
            }
        }
        frames
    }
}
