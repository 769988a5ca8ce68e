//! A line between client and service that counts handshakes, can hold WebSocket upgrades back, and
//! can be cut. It looks at the first bytes of each piece of data that a client sends: small requests
//! come in one piece.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

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
    handshakes: Arc<AtomicU32>,
}

impl Tap {
    /// Listens on a free port and forwards to `target`, a `host:port`.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (mood, _) = watch::channel(Mood { holds_upgrades: false, epoch: 0, is_cut: false });
        let handshakes = Arc::new(AtomicU32::new(0));
        let line =
            Line { target: target.to_owned(), mood: mood.subscribe(), count: handshakes.clone() };
        actix_web::rt::spawn(accept(listener, line));
        Self { address, mood, handshakes }
    }

    /// Where to connect to.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// How many Engine.IO sessions clients have asked for.
    pub fn handshakes(&self) -> u32 {
        self.handshakes.load(Ordering::Relaxed)
    }

    /// From now on WebSocket upgrades wait.
    pub fn hold_upgrades(&self) {
        self.mood.send_modify(|mood| mood.holds_upgrades = true);
    }

    /// Lets them pass.
    pub fn release_upgrades(&self) {
        self.mood.send_modify(|mood| mood.holds_upgrades = false);
    }

    /// Ends all connections; new ones end as soon as they are made.
    pub fn cut(&self) {
        self.mood.send_modify(|mood| {
            mood.epoch += 1;
            mood.is_cut = true;
        });
    }

    /// Lets new connections through again.
    pub fn heal(&self) {
        self.mood.send_modify(|mood| mood.is_cut = false);
    }
}

#[derive(Clone)]
struct Line {
    target: String,
    mood: watch::Receiver<Mood>,
    count: Arc<AtomicU32>,
}

async fn accept(listener: TcpListener, line: Line) {
    while let Ok((client, _)) = listener.accept().await {
        if !line.mood.borrow().is_cut {
            actix_web::rt::spawn(serve(client, line.clone()));
        }
    }
}

async fn serve(client: TcpStream, line: Line) {
    let Ok(server) = TcpStream::connect(&line.target).await else { return };
    // A proxy must not be what makes small messages wait.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (born, mut cut) = (line.mood.borrow().epoch, line.mood.clone());
    tokio::select! {
        _ = cut.wait_for(|mood| mood.epoch != born) => {}
        () = there(from_client, to_server, line) => {}
        () = back(from_server, to_client) => {}
    }
}

async fn there(mut source: OwnedReadHalf, mut sink: OwnedWriteHalf, mut line: Line) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(size @ 1..) = source.read(&mut buffer).await {
        let data = &buffer[..size];
        if is_handshake(data) {
            line.count.fetch_add(1, Ordering::Relaxed);
        }
        if is_upgrade(data) && line.mood.wait_for(|mood| !mood.holds_upgrades).await.is_err() {
            return;
        }
        if sink.write_all(data).await.is_err() {
            return;
        }
    }
}

async fn back(mut source: OwnedReadHalf, mut sink: OwnedWriteHalf) {
    // Ends with an error when either side has gone; nobody is left to tell.
    let _ = tokio::io::copy(&mut source, &mut sink).await;
}

fn is_handshake(data: &[u8]) -> bool {
    let line = data.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    line.starts_with("GET /socket.io/") && !line.contains("sid=")
}

fn is_upgrade(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data).to_lowercase();
    text.starts_with("get ") && text.contains("upgrade: websocket")
}
