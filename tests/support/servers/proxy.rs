//! A TCP proxy that a test can turn into a black hole, a cut or a slow line.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Open,
    /// Nothing moves, nothing ends.
    Held,
    /// Everything ends.
    Cut,
}

#[derive(Clone, Debug)]
struct Weather {
    flow: Flow,
    delay: Duration,
    /// Whoever connects from there is held as well.
    shunned: BTreeSet<IpAddr>,
}

impl Weather {
    fn holds(&self, from: IpAddr) -> bool {
        self.flow == Flow::Held || self.shunned.contains(&from)
    }
}

/// A listening address that stands for another. Runs on a thread of its own, so that it does not
/// depend on any test's runtime; dropping it ends all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
}

impl Proxy {
    /// Listens on a free port and forwards to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a socket of ours");
        let address = listener.local_addr().expect("it is bound");
        let clear = Weather { flow: Flow::Open, delay: Duration::ZERO, shunned: BTreeSet::new() };
        let (weather, forecast) = watch::channel(clear);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a bound socket");
                accept(listener, target, forecast).await;
            });
        });
        Self { address, weather }
    }

    /// Where to connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections are accepted and kept, but nothing moves. What clients sent waits
    /// and is delivered after [`Proxy::heal`], as after a loss of the network.
    pub fn black_hole(&self) {
        self.weather.send_modify(|weather| weather.flow = Flow::Held);
    }

    /// Ends all connections; new ones end as soon as they are made.
    pub fn cut(&self) {
        self.weather.send_modify(|weather| weather.flow = Flow::Cut);
    }

    /// Forwards everything again, without delay.
    pub fn heal(&self) {
        self.weather.send_modify(|weather| {
            weather.flow = Flow::Open;
            weather.delay = Duration::ZERO;
        });
    }

    /// Holds each piece of data back for so many milliseconds, in both directions.
    pub fn delay(&self, ms: u64) {
        self.weather.send_modify(|weather| weather.delay = Duration::from_millis(ms));
    }

    /// Makes a black hole of connections from one address only.
    pub fn shun(&self, from: IpAddr) {
        self.weather.send_modify(|weather| {
            weather.shunned.insert(from);
        });
    }

    /// Takes that back.
    pub fn unshun(&self, from: IpAddr) {
        self.weather.send_modify(|weather| {
            weather.shunned.remove(&from);
        });
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, mut forecast: watch::Receiver<Weather>) {
    let changes = forecast.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, from)) = accepted {
                    tokio::spawn(serve(client, from.ip(), target, changes.clone()));
                }
            }
            changed = forecast.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

/// One connection, until either side ends it or it is cut.
async fn serve(
    client: TcpStream,
    from: IpAddr,
    target: SocketAddr,
    mut forecast: watch::Receiver<Weather>,
) {
    if !passable(from, &mut forecast).await {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    // A proxy must not be what makes small messages wait.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut cut = forecast.clone();
    tokio::select! {
        _ = cut.wait_for(|weather| weather.flow == Flow::Cut) => {}
        () = pump(&client, &server, from, forecast.clone()) => {}
        () = pump(&server, &client, from, forecast.clone()) => {}
    }
}

/// Waits while connections from there are held; false if they are cut.
async fn passable(from: IpAddr, forecast: &mut watch::Receiver<Weather>) -> bool {
    let weather = forecast.wait_for(|weather| !weather.holds(from) || weather.flow == Flow::Cut);
    weather.await.is_ok_and(|weather| weather.flow != Flow::Cut)
}

/// Carries data one way until one of the two ends.
async fn pump(
    source: &TcpStream,
    sink: &TcpStream,
    from: IpAddr,
    mut forecast: watch::Receiver<Weather>,
) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        if source.readable().await.is_err() || !passable(from, &mut forecast).await {
            return;
        }
        let size = match source.try_read(&mut buffer) {
            Ok(0) => return,
            Ok(size) => size,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(_) => return,
        };
        let delay = forecast.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if !passable(from, &mut forecast).await || !write(sink, &buffer[..size]).await {
            return;
        }
    }
}

async fn write(sink: &TcpStream, mut data: &[u8]) -> bool {
    while !data.is_empty() {
        if sink.writable().await.is_err() {
            return false;
        }
        match sink.try_write(data) {
            Ok(size) => data = &data[size..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
    true
}
