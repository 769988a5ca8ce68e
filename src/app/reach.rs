//! Where the other replicas reach this one, found out and told to the bridge: what is configured, or
//! the address from which this host reaches the Redis that they meet at.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::neighbours::Replicas;
use crate::actors::bridge::{Bridge, ReachableAt};
use crate::config::Config;
use crate::engineio::Neighbours;
use crate::lifecycle::Lifecycle;

/// For the name of a Redis to resolve.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts; a Redis may have its name later than this replica.
const PAUSE: Duration = Duration::from_secs(5);

/// How often it is said in vain before this replica is ready without the others' knowing where it is:
/// with a bus in trouble.
const SAYINGS: u32 = 8;
/// Between two of them.
const SAY_AGAIN: Duration = Duration::from_millis(250);

/// Lets the other replicas find this one, which listens on `listener`, and it the others. It is not ready
/// before they can: the first poll of its first client may come by them.
pub(super) fn join(
    config: &Config,
    listener: SocketAddr,
    bridge: &Addr<Bridge>,
    life: &Lifecycle,
) -> Arc<dyn Neighbours> {
    tell(config, listener, bridge, life);
    Arc::new(Replicas(bridge.clone().recipient()))
}

/// Begins to find it out. Without an address in the configuration and without a Redis there is nobody
/// to tell it to.
fn tell(config: &Config, listener: SocketAddr, bridge: &Addr<Bridge>, life: &Lifecycle) {
    let configured = config.server.advertise_url.clone().map(Source::Url);
    let redis = || super::settings::bus(config).first_place().map(Source::WayTo);
    let Some(source) = configured.or_else(redis) else { return };
    let (bridge, latch) = (bridge.clone(), life.latch("address"));
    actix::spawn(async move {
        let telling = async { say(source.url(listener).await.into(), &bridge).await };
        let mut telling = std::pin::pin!(telling);
        let told = timeout(SAY_AGAIN * SAYINGS, &mut telling).await;
        latch.release();
        if told.is_err() {
            telling.await;
        }
    });
}

/// What tells where this replica is.
enum Source {
    /// The configuration.
    Url(String),
    /// The way to a Redis there.
    WayTo((String, u16)),
}

impl Source {
    async fn url(self, listener: SocketAddr) -> String {
        match self {
            Self::Url(url) => url,
            Self::WayTo(redis) => own_url(listener, &redis).await,
        }
    }
}

/// Says it until it has been said, a few times; after that the bridge goes on by itself.
async fn say(url: Arc<str>, bridge: &Addr<Bridge>) {
    for _ in 0..SAYINGS {
        if bridge.send(ReachableAt(url.clone())).await.unwrap_or(true) {
            return;
        }
        sleep(SAY_AGAIN).await;
    }
}

async fn own_url(listener: SocketAddr, redis: &(String, u16)) -> String {
    if !listener.ip().is_unspecified() {
        return format!("http://{listener}");
    }
    loop {
        match timeout(PATIENCE, way_to(redis)).await {
            Ok(Ok(ip)) => return format!("http://{}", SocketAddr::new(ip, listener.port())),
            Ok(Err(error)) => tracing::debug!(%error, "no way to the Redis yet"),
            Err(_) => tracing::debug!("the name of the Redis does not resolve in time"),
        }
        sleep(PAUSE).await;
    }
}

/// The address of this host on its way to `place`. Connecting a UDP socket chooses a way and sends
/// nothing.
async fn way_to((host, port): &(String, u16)) -> std::io::Result<IpAddr> {
    let mut last = std::io::ErrorKind::NotFound.into();
    for remote in tokio::net::lookup_host((host.as_str(), *port)).await? {
        let any: SocketAddr = match remote {
            SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            SocketAddr::V6(_) => ([0; 16], 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        match socket.connect(remote).await {
            Ok(()) => return Ok(socket.local_addr()?.ip()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redis() -> (String, u16) {
        ("127.0.0.1".to_owned(), 1)
    }

    #[actix::test]
    async fn it_is_where_the_way_to_the_redis_begins() {
        let everywhere = ([0, 0, 0, 0], 3001).into();
        assert_eq!(own_url(everywhere, &redis()).await, "http://127.0.0.1:3001");
        assert_eq!(way_to(&("::1".to_owned(), 1)).await.unwrap().to_string(), "::1");
    }

    #[actix::test]
    async fn a_listener_with_an_address_of_its_own_is_there() {
        assert_eq!(own_url(([10, 0, 0, 9], 80).into(), &redis()).await, "http://10.0.0.9:80");
        let six = "[fd00::9]:3001".parse().unwrap();
        assert_eq!(own_url(six, &redis()).await, "http://[fd00::9]:3001");
    }
}
