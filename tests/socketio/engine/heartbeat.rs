//! Pings, pongs and the exact end of a client that does not answer. The rule itself is tested with
//! instants in `src/engineio/heartbeat.rs`.

use std::time::Duration;

use kyo_collaboration::engineio::{Closed, Config};
use kyo_collaboration::socketio::Left;
use tokio::time::{Instant, sleep_until};

use crate::support::{Poller, Server, Ws, settings};

const INTERVAL: Duration = Duration::from_millis(300);
const TIMEOUT: Duration = Duration::from_millis(200);

async fn start(ping_interval: Duration, ping_timeout: Duration) -> Server {
    let (engine, socket) = settings();
    Server::with(Config { ping_interval, ping_timeout, ..engine }, socket).await
}

/// For those that do something else before the first ping.
const UNHURRIED: Duration = Duration::from_secs(2);
const PATIENT: Duration = Duration::from_secs(3_600);

#[actix_web::test]
async fn a_poll_brings_the_ping_and_a_post_the_pong() {
    let server = start(INTERVAL, PATIENT).await;
    let poller = Poller::open(&server, "/engine.io/").await;
    for _ in 0..3 {
        assert_eq!(poller.poll(&server).await, "2");
        poller.post(&server, "3").await;
    }
}

#[actix_web::test]
async fn a_websocket_is_pinged_again_after_each_pong() {
    let server = start(INTERVAL, PATIENT).await;
    let (mut ws, _) = Ws::open(&server, "/engine.io/").await;
    for _ in 0..3 {
        assert_eq!(ws.text().await, "2");
        ws.send("3").await;
    }
}

#[actix_web::test]
async fn a_client_that_does_not_poll_is_gone_at_its_deadline_and_not_a_moment_later() {
    let server = start(INTERVAL, TIMEOUT).await;
    for _ in 0..5 {
        let poller = Poller::open(&server, "/engine.io/").await;
        let opened = Instant::now();
        sleep_until(opened + INTERVAL + TIMEOUT).await;
        poller.is_gone(&server).await;
    }
}

#[actix_web::test]
async fn a_poll_that_has_brought_the_ping_does_not_answer_it() {
    let mut server = start(UNHURRIED, UNHURRIED).await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    assert_eq!(poller.poll(&server).await, "2");
    assert_eq!(poller.poll(&server).await, "1");
    assert_eq!(guest.leaves().await, Left::Transport(Closed::PingTimeout));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_silent_websocket_is_closed() {
    let mut server = start(UNHURRIED, TIMEOUT).await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    assert_eq!(ws.text().await, "2");
    assert_eq!(ws.closed().await, None);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::PingTimeout));
}
