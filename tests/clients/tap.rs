//! A line between client and service that counts handshakes and open polls, can hold WebSocket
//! upgrades back, and can be cut. It looks at the first bytes of each piece of data that a client
//! sends: small requests come in one piece.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::until;

/// What the line does with what comes.
#[derive(Clone, Copy, Debug)]
struct Mood {
    holds_upgrades: bool,
    /// Connections that are older than this are over.
    epoch: u32,
    /// New connections end at once.
    is_cut: bool,
}

/// A listening address that stands for the service's. Ends with its test's runtime.
#[derive(Debug)]
pub struct Tap {
    address: SocketAddr,
    mood: watch::Sender<Mood>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    handshakes: AtomicU32,
    /// Long polls without an answer yet.
    polls: AtomicU32,
    /// Connections that came while the line was cut.
    refused: AtomicU32,
}

impl Tap {
    /// Listens on a free port and forwards to `target`, a `host:port`.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (mood, _) = watch::channel(Mood { holds_upgrades: false, epoch: 0, is_cut: false });
        let counts = Arc::<Counts>::default();
        let line =
            Line { target: target.to_owned(), mood: mood.subscribe(), counts: counts.clone() };
        actix_web::rt::spawn(accept(listener, line));
        Self { address, mood, counts }
    }

    /// Where to connect to.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// How many Engine.IO sessions clients have asked for.
    pub fn handshakes(&self) -> u32 {
        self.counts.handshakes.load(Ordering::Relaxed)
    }

    /// Waits until the client asks for what is new: between two polls nobody can know that it is
    /// gone.
    pub async fn polled(&self) {
        until("a poll", async || (self.counts.polls.load(Ordering::Relaxed) > 0).then_some(()))
            .await;
    }

    /// From now on WebSocket upgrades wait.
    pub fn hold_upgrades(&self) {
        self.mood.send_modify(|mood| mood.holds_upgrades = true);
    }

    /// Lets them pass.
    pub fn release_upgrades(&self) {
        self.mood.send_modify(|mood| mood.holds_upgrades = false);
    }

    /// Ends all connections; new ones end as soon as they are made. Gives what [`Self::noticed`] asks for.
    pub fn cut(&self) -> Cut {
        let refused = self.counts.refused.load(Ordering::Relaxed);
        self.mood.send_modify(|mood| {
            mood.epoch += 1;
            mood.is_cut = true;
        });
        Cut { refused }
    }

    /// Waits until the client has noticed the cut, which its next attempt shows. Healed before that, a
    /// client between two polls would never know.
    pub async fn noticed(&self, cut: Cut) {
        let refused = || self.counts.refused.load(Ordering::Relaxed);
        until("another attempt", async || (refused() > cut.refused).then_some(())).await;
    }

    /// Cuts the line until the client has noticed.
    pub async fn interrupt(&self) {
        self.noticed(self.cut()).await;
        self.heal();
    }

    /// Lets new connections through again.
    pub fn heal(&self) {
        self.mood.send_modify(|mood| mood.is_cut = false);
    }
}

/// How many had been refused when the line was cut.
#[derive(Debug)]
pub struct Cut {
    refused: u32,
}

#[derive(Clone)]
struct Line {
    target: String,
    mood: watch::Receiver<Mood>,
    counts: Arc<Counts>,
}

async fn accept(listener: TcpListener, line: Line) {
    while let Ok((client, _)) = listener.accept().await {
        let Mood { is_cut, epoch, .. } = *line.mood.borrow();
        if is_cut {
            line.counts.refused.fetch_add(1, Ordering::Relaxed);
        } else {
            actix_web::rt::spawn(serve(client, epoch, line.clone()));
        }
    }
}

/// `born` is the epoch in which the client came: a cut may be quicker than the way to the service.
async fn serve(client: TcpStream, born: u32, line: Line) {
    let Ok(server) = TcpStream::connect(&line.target).await else { return };
    // A proxy must not be what makes small messages wait.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = line.mood.clone();
    let asks = AtomicBool::new(false);
    tokio::select! {
        _ = cut.wait_for(|mood| mood.epoch != born) => {}
        () = there(from_client, to_server, &line, &asks) => {}
        () = back(from_server, to_client, &line, &asks) => {}
    }
    if asks.load(Ordering::Relaxed) {
        line.counts.polls.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn there(
    mut source: OwnedReadHalf,
    mut sink: OwnedWriteHalf,
    line: &Line,
    asks: &AtomicBool,
) {
    let mut mood = line.mood.clone();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(size @ 1..) = source.read(&mut buffer).await {
        let data = &buffer[..size];
        let upgrades = is_upgrade(data);
        match target(data) {
            Some(target) if !target.contains("sid=") => {
                line.counts.handshakes.fetch_add(1, Ordering::Relaxed);
            }
            Some(_) if !upgrades => {
                asks.store(true, Ordering::Relaxed);
                line.counts.polls.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        if upgrades && mood.wait_for(|mood| !mood.holds_upgrades).await.is_err() {
            return;
        }
        if sink.write_all(data).await.is_err() {
            return;
        }
    }
}

async fn back(mut source: OwnedReadHalf, mut sink: OwnedWriteHalf, line: &Line, asks: &AtomicBool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(size @ 1..) = source.read(&mut buffer).await {
        if asks.swap(false, Ordering::Relaxed) {
            line.counts.polls.fetch_sub(1, Ordering::Relaxed);
        }
        if sink.write_all(&buffer[..size]).await.is_err() {
            return;
        }
    }
}

/// What a GET asks for: a handshake or a poll.
fn target(data: &[u8]) -> Option<String> {
    let line = data.split(|byte| *byte == b'\r').next()?;
    Some(String::from_utf8_lossy(line.strip_prefix(b"GET ")?).into_owned())
}

fn is_upgrade(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data).to_lowercase();
    text.starts_with("get ") && text.contains("upgrade: websocket")
}
