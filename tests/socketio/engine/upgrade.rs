//! From long-polling to WebSocket.

use std::time::Duration;

use kyo_collaboration::engineio::{Closed, Config};
use kyo_collaboration::socketio::{Left, encode};

use crate::support::{Guest, Heard, Poller, Server, Ws, answer, settings};

impl Poller {
    async fn socket(&self, server: &Server) -> Ws {
        Ws::at(server, &self.target.replace("polling", "websocket")).await
    }
}

async fn probed(server: &Server, poller: &Poller) -> Ws {
    let mut ws = poller.socket(server).await;
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws
}

async fn upgraded(server: &mut Server) -> (Poller, Ws, Guest) {
    let (poller, mut guest) = Poller::joined(server).await;
    let mut ws = probed(server, &poller).await;
    ws.send("5").await;
    assert!(matches!(guest.hears().await, Heard::Upgraded));
    (poller, ws, guest)
}

#[actix_web::test]
async fn a_probe_sends_the_waiting_poll_back_and_the_upgrade_takes_over() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    poller.post(&server, "42[\"mark\"]").await;
    assert_eq!(guest.event().await.name, "mark");
    let mut ws = probed(&server, &poller).await;
    assert_eq!(answer(waiting).await.body, "6");
    ws.send("5").await;
    assert!(matches!(guest.hears().await, Heard::Upgraded));

    ws.send("42[\"hello\"]").await;
    assert_eq!(guest.event().await.name, "hello");
    guest.socket.send(&encode::event("/", "news", &["1"], &[])).unwrap();
    assert_eq!(ws.text().await, "42[\"news\",1]");
}

#[actix_web::test]
async fn a_poll_between_probe_and_upgrade_comes_back_empty_handed() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let mut ws = probed(&server, &poller).await;
    assert_eq!(poller.poll(&server).await, "6");
    assert_eq!(poller.poll(&server).await, "6");
    ws.send("5").await;
    ws.send("4hello").await;
    assert_eq!(ws.text().await, "4hello");
}

#[actix_web::test]
async fn polling_goes_on_until_the_upgrade() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let _ws = probed(&server, &poller).await;
    poller.post(&server, "42[\"by post\"]").await;
    assert_eq!(guest.event().await.name, "by post");
    guest.socket.send(&encode::event("/", "news", &["1"], &[])).unwrap();
    assert_eq!(poller.poll(&server).await, "42[\"news\",1]");
}

#[actix_web::test]
async fn what_waits_is_sent_on_the_websocket_in_order() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    for number in 0..75 {
        guest.socket.send(&encode::event("/", "n", &[number.to_string()], &[])).unwrap();
    }
    let mut ws = probed(&server, &poller).await;
    ws.send("5").await;
    assert!(matches!(guest.hears().await, Heard::Upgraded));
    for number in 75..150 {
        guest.socket.send(&encode::event("/", "n", &[number.to_string()], &[])).unwrap();
    }
    for number in 0..150 {
        assert_eq!(ws.text().await, format!("42[\"n\",{number}]"));
    }
}

#[actix_web::test]
async fn requests_of_an_upgraded_session_are_refused_and_do_it_no_harm() {
    let mut server = Server::start().await;
    let (poller, mut ws, mut guest) = upgraded(&mut server).await;
    assert_eq!(poller.get(&server).await.code(), (400, 3));
    assert_eq!(poller.try_post(&server, "42[\"no\"]").await.code(), (400, 3));
    ws.send("42[\"hello\"]").await;
    assert_eq!(guest.event().await.name, "hello");
}

#[actix_web::test]
async fn a_second_websocket_is_accepted_and_closed() {
    let mut server = Server::start().await;
    let (poller, mut ws, mut guest) = upgraded(&mut server).await;
    assert_eq!(poller.socket(&server).await.closed().await, None);
    ws.send("42[\"hello\"]").await;
    assert_eq!(guest.event().await.name, "hello");
}

#[actix_web::test]
async fn so_is_one_beside_another_that_is_not_through_yet() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let mut ws = probed(&server, &poller).await;
    assert_eq!(poller.socket(&server).await.closed().await, None);
    ws.send("5").await;
    ws.send("4hello").await;
    assert_eq!(ws.text().await, "4hello");
}

#[actix_web::test]
async fn a_websocket_that_talks_nonsense_is_closed_and_polling_goes_on() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    for nonsense in ["2", "2other", "4hello", "abc", "1"] {
        let mut ws = poller.socket(&server).await;
        ws.send(nonsense).await;
        assert_eq!(ws.closed().await, None, "{nonsense}");
    }
    poller.post(&server, "4hello").await;
    assert_eq!(poller.poll(&server).await, "4hello");
}

#[actix_web::test]
async fn a_websocket_that_hangs_up_is_forgotten_and_another_may_try() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    drop(probed(&server, &poller).await);
    poller.post(&server, "4hello").await;
    assert_eq!(poller.poll(&server).await, "4hello");
    // It is known to be gone once another is not turned away.
    let mut ws = crate::support::until("a free place", async || {
        let mut ws = poller.socket(&server).await;
        ws.send("2probe").await;
        ws.try_text().await.map(|_| ws)
    })
    .await;
    ws.send("5").await;
    ws.send("4again").await;
    assert_eq!(ws.text().await, "4again");
}

#[actix_web::test]
async fn a_websocket_that_is_late_is_closed_and_polling_goes_on() {
    let (engine, socket) = settings();
    let engine = Config { upgrade_timeout: Duration::from_secs(2), ..engine };
    let server = Server::with(engine, socket).await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let mut ws = probed(&server, &poller).await;
    assert_eq!(ws.closed().await, None);
    poller.post(&server, "4hello").await;
    assert_eq!(poller.poll(&server).await, "4hello");
}

#[actix_web::test]
async fn an_upgraded_session_ends_with_its_websocket() {
    let mut server = Server::start().await;
    let (poller, ws, mut guest) = upgraded(&mut server).await;
    drop(ws);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportClosed));
    poller.is_gone(&server).await;
}
