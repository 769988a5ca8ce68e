//! The tenant under measure: a few rooms in which people edit at an even pace and others watch. An open
//! loop: each operation has its moment, and latency counts from there, whether it could be sent then
//! or not. It never waits for what another tenant does.

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;

use crate::fanout::prepared;
use crate::server::Server;
use crate::socket::{Socket, frame, frame_size, token};

/// What the id of each operation begins with; behind it is the moment at which it was due.
const STAMP: &str = "57ead1e5-0000-7000-8000-";
/// A ping's first byte, and the pong that answers it (RFC 6455, section 5.5): who only listens is let go without.
const PING: u8 = 0x89;
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];
/// How long an answer may take until it counts as one that took so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many rooms, people who watch each, and operations a second in all of them.
#[derive(Clone, Copy)]
pub struct Shape {
    pub rooms: usize,
    pub watchers: usize,
    pub rate: u64,
}

/// Milliseconds from an operation's moment.
#[derive(Default)]
pub struct Waited {
    /// To its ack.
    pub acks: Vec<f64>,
    /// To each member, the author too.
    pub deliveries: Vec<f64>,
    /// Acks that did not come; they are in `acks` as long as the patience.
    pub missing: usize,
}

/// The tenant's people.
pub struct Steady {
    shape: Shape,
    rooms: Vec<String>,
    authors: Vec<TcpStream>,
    start: Instant,
    arrivals: Receiver<Arrival>,
    stop: Option<oneshot::Sender<()>>,
    listening: Option<JoinHandle<()>>,
}

impl Steady {
    /// Everybody has joined.
    pub fn set(server: &Server, shape: Shape) -> Self {
        let rooms = prepared(server, shape.rooms);
        let (mut authors, mut ears) = (Vec::new(), Vec::new());
        for room in &rooms {
            let author = Socket::joined(server.port, &token("author"), room);
            ears.push(author.reader());
            authors.push(author.into_stream());
            for n in 0..shape.watchers {
                let watcher = token(&format!("watcher-{n}"));
                ears.push(Socket::joined(server.port, &watcher, room).into_stream());
            }
        }
        let (start, (heard, arrivals)) = (Instant::now(), channel());
        let (stop, stopped) = oneshot::channel();
        let listening = Some(listen(ears, Ear { start, heard }, stopped));
        Self { shape, rooms, authors, start, arrivals, stop: Some(stop), listening }
    }

    /// Works for so long, and gives how long everything took.
    pub fn work(&mut self, time: Duration) -> Waited {
        self.arrivals.try_iter().for_each(drop);
        let period = Duration::from_secs(1) / self.shape.rate as u32;
        let count = (time.as_secs_f64() * self.shape.rate as f64) as usize;
        let first = self.start.elapsed();
        for n in 0..count {
            let due = first + period * n as u32;
            std::thread::sleep(due.saturating_sub(self.start.elapsed()));
            let at = n % self.rooms.len();
            let operation = operation(&self.rooms[at], due);
            self.authors[at].write_all(&operation).expect("the service keeps a modest client");
        }
        self.gather(count)
    }

    /// Waits for what is still on its way.
    fn gather(&self, count: usize) -> Waited {
        let deliveries = count * (self.shape.watchers + 1);
        let (last, mut waited) = (Instant::now(), Waited::default());
        while waited.acks.len() < count || waited.deliveries.len() < deliveries {
            let Ok(arrival) = self.arrivals.recv_timeout(PATIENCE.saturating_sub(last.elapsed()))
            else {
                break;
            };
            let Arrival { is_ack, millis } = arrival;
            let into = if is_ack { &mut waited.acks } else { &mut waited.deliveries };
            into.push(millis);
        }
        let late = PATIENCE.as_secs_f64() * 1e3;
        waited.missing = count.saturating_sub(waited.acks.len());
        waited.acks.resize(count.max(waited.acks.len()), late);
        waited.deliveries.resize(deliveries.max(waited.deliveries.len()), late);
        waited
    }
}

impl Drop for Steady {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A panic in there has been printed; what it did not hear counts as missing.
        self.listening.take().map(JoinHandle::join);
    }
}

/// An edit of the room's course.
fn operation(room: &str, due: Duration) -> Vec<u8> {
    let stamp = due.as_micros();
    let patch = json!({"notes": format!("changed at {stamp:012}")});
    let op = json!({"kind": "course_update", "courseId": "yoga", "patch": patch});
    let op_id = format!("{STAMP}{stamp:012x}");
    let message = json!({"type": "op", "id": 1, "room": room, "opId": op_id, "op": op});
    frame(message.to_string().as_bytes())
}

/// What somebody was sent, and how long after its operation's moment.
struct Arrival {
    is_ack: bool,
    millis: f64,
}

/// Tells what arrives.
#[derive(Clone)]
struct Ear {
    start: Instant,
    heard: Sender<Arrival>,
}

impl Ear {
    /// One frame: an ack, a refusal (which is no ack), events, or something else.
    fn hear(&self, frame: &[u8]) {
        let now = self.start.elapsed();
        let text = String::from_utf8_lossy(frame);
        let is_ack = text.contains("\"type\":\"ack\"");
        if !is_ack && !text.contains("\"type\":\"events\"") {
            return;
        }
        for (at, _) in text.match_indices(STAMP) {
            let digits = &text[at + STAMP.len()..][..12];
            let due = u64::from_str_radix(digits, 16).expect("we wrote it");
            let millis = now.saturating_sub(Duration::from_micros(due)).as_secs_f64() * 1e3;
            // Nobody asks any more once the tenant is gone.
            self.heard.send(Arrival { is_ack, millis }).ok();
        }
    }
}

fn listen(streams: Vec<TcpStream>, ear: Ear, stopped: oneshot::Receiver<()>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime").block_on(async {
            for stream in streams {
                tokio::spawn(hear(stream, ear.clone()));
            }
            // A dropped sender stops as well.
            let _ = stopped.await;
        });
    })
}

async fn hear(stream: TcpStream, ear: Ear) {
    stream.set_nonblocking(true).expect("a TCP socket");
    let mut stream = tokio::net::TcpStream::from_std(stream).expect("inside a runtime");
    let mut buffer = Vec::with_capacity(65_536);
    while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
        let mut taken = 0;
        while let Some((head, size)) = frame_size(&buffer[taken..])
            && buffer.len() >= taken + head + size
        {
            if buffer[taken] == PING && stream.write_all(&PONG).await.is_err() {
                return;
            }
            ear.hear(&buffer[taken + head..][..size]);
            taken += head + size;
        }
        buffer.drain(..taken);
    }
}
