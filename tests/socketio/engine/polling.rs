//! Long-polling: payloads both ways, and what ends a session that polls.

use std::time::Duration;

use kyo_collaboration::engineio::Closed;
use kyo_collaboration::socketio::Left;
use tokio::io::AsyncWriteExt;

use crate::support::{Heard, Poller, Server, answer, head, raw, request, until};

/// How long it may take on a busy machine; the heartbeat would notice after 25 s at the earliest.
const NOTICED: Duration = Duration::from_secs(10);

#[actix_web::test]
async fn packets_are_said_back_in_order_in_one_poll() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let answer = poller.try_post(&server, "4hello").await;
    assert_eq!((answer.status, &*answer.body), (200, "ok"));
    assert_eq!(answer.header("content-type").unwrap(), "text/html");
    assert_eq!(answer.header("cache-control").unwrap(), "no-store");
    let answer = poller.get(&server).await;
    assert_eq!(answer.header("content-type").unwrap(), "text/plain; charset=UTF-8");
    assert_eq!(answer.header("cache-control").unwrap(), "no-store");
    assert_eq!(answer.body, "4hello");

    poller.post(&server, "4test1\x1e4täst2\x1ebAQIDBA==\x1e4").await;
    assert_eq!(poller.poll(&server).await, "4test1\x1e4täst2\x1ebAQIDBA==\x1e4");
}

#[actix_web::test]
async fn a_poll_waits_for_data() {
    let mut server = Server::start().await;
    let (poller, guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    poller.post(&server, "42[\"mark\"]").await;
    let event = kyo_collaboration::socketio::encode::event("/", "news", &["1"], &[]);
    guest.socket.send(&event).unwrap();
    assert_eq!(answer(waiting).await.body, "42[\"news\",1]");
}

#[actix_web::test]
async fn what_is_no_packet_ends_the_session_after_what_came_before_it() {
    let mut server = Server::start().await;
    for bad in ["abc", "", "b!", "2", "2probe"] {
        let (poller, mut guest) = Poller::joined(&mut server).await;
        let answer = poller.try_post(&server, &format!("42[\"first\"]\x1e{bad}")).await;
        assert_eq!(answer.code(), (400, 3), "{bad}");
        assert_eq!(guest.event().await.name, "first");
        assert_eq!(guest.leaves().await, Left::Transport(Closed::BadPacket), "{bad}");
        poller.is_gone(&server).await;
    }
}

#[actix_web::test]
async fn a_waiting_poll_is_told_of_a_bad_packet() {
    let server = Server::start().await;
    // The POST may overtake the poll, which then finds nobody.
    until("a poll that waits", async || {
        let poller = Poller::open(&server, "/engine.io/").await;
        let waiting = poller.begin(&server).await;
        assert_eq!(poller.try_post(&server, "abc").await.status, 400);
        let answer = answer(waiting).await;
        let told = answer.status == 200;
        assert_eq!(answer.body == "1", told, "{answer:?}");
        told.then_some(())
    })
    .await;
}

#[actix_web::test]
async fn a_second_poll_ends_the_session() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let (first, second) = (poller.begin(&server).await, poller.begin(&server).await);
    let (first, second) = (answer(first).await, answer(second).await);
    // Which of them arrived first is the server's threads' to say.
    let (told, refused) = if first.status == 200 { (first, second) } else { (second, first) };
    assert_eq!((told.status, &*told.body), (200, "1"));
    assert_eq!(refused.code(), (400, 3));
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportError));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_second_post_ends_the_session() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let half = head("POST", &poller.target, &[("content-length", "20")]) + "42[\"half";
    let first = raw(&server, &half).await;
    // The first has no visible effect; whichever comes second finds the other.
    let second = poller.try_post(&server, "42[\"second\"]").await;
    if second.status == 200 {
        assert_eq!(guest.event().await.name, "second");
        assert_eq!(poller.try_post(&server, "42[\"third\"]").await.code(), (400, 3));
    } else {
        assert_eq!(second.code(), (400, 3));
    }
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportError));
    poller.is_gone(&server).await;
    drop(first);
}

#[actix_web::test]
async fn a_poll_that_is_given_up_is_noticed() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    poller.post(&server, "42[\"mark\"]").await;
    assert_eq!(guest.event().await.name, "mark");
    drop(waiting);
    let noticed = tokio::time::timeout(NOTICED, guest.leaves()).await;
    assert_eq!(noticed, Ok(Left::Transport(Closed::TransportError)));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_poll_that_is_given_up_at_once_is_noticed_too() {
    let mut server = Server::start().await;
    for _ in 0..20 {
        let (poller, mut guest) = Poller::joined(&mut server).await;
        let mut waiting = poller.begin(&server).await;
        waiting.shutdown().await.unwrap();
        assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportError));
    }
}

#[actix_web::test]
async fn a_post_that_is_broken_off_ends_the_session() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let half = head("POST", &poller.target, &[("content-length", "20")]) + "42[\"half";
    drop(raw(&server, &half).await);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportError));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn protocol_four_has_no_binary_payloads() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let binary = [("content-type", "application/octet-stream")];
    let answer = request(&server, "POST", &poller.target, &binary, "4hello").await;
    assert_eq!(answer.code(), (400, 3));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn the_next_packet_waits_until_the_last_is_handled_and_so_does_the_post() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let body = "42[\"pause\"]\x1e42[\"after\"]";
    let length = body.len().to_string();
    let post = head("POST", &poller.target, &[("content-length", &length)]) + body;
    let post = raw(&server, &post).await;
    let Heard::Paused(go_on) = guest.hears().await else { panic!("a pause was expected") };
    let early = tokio::time::timeout(Duration::from_millis(100), guest.hears()).await;
    assert!(early.is_err(), "{early:?}");
    go_on.send(()).unwrap();
    assert_eq!(guest.event().await.name, "after");
    assert_eq!(answer(post).await.body, "ok");
}
