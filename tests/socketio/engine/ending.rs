//! How a session is closed, from either side.

use kyo_collaboration::engineio::Closed;
use kyo_collaboration::socketio::{Left, encode};

use crate::support::{Poller, Server, Ws, answer, until};

#[actix_web::test]
async fn a_client_that_leaves_gets_its_poll_back() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    poller.post(&server, "1").await;
    // The POST may have overtaken the poll: its answer is the same.
    assert_eq!(answer(waiting).await.body, "6");
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ClientLeft));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_poll_that_comes_after_the_close_is_answered_once() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    poller.post(&server, "1").await;
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ClientLeft));
    assert_eq!(poller.try_post(&server, "42[\"late\"]").await.code(), (400, 1));
    assert_eq!(poller.poll(&server).await, "6");
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_client_that_leaves_its_websocket_is_closed() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send("1").await;
    assert_eq!(ws.closed().await, None);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ClientLeft));
}

#[actix_web::test]
async fn a_websocket_that_breaks_ends_its_session() {
    let mut server = Server::start().await;
    let (ws, mut guest) = Ws::joined(&mut server).await;
    drop(ws);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportClosed));
}

#[actix_web::test]
async fn who_shall_come_back_is_sent_the_rest_and_no_close_packet() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    guest.socket.close(Some(&encode::event("/", "bye", &["1"], &[])), Some(1012));
    assert_eq!(answer(waiting).await.body, "42[\"bye\",1]");
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ByOwner));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn the_owner_closes_a_waiting_poll_with_the_rest_of_the_queue() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let waiting = poller.begin(&server).await;
    guest.socket.close(Some(&encode::event("/", "bye", &["1"], &[])), None);
    assert_eq!(answer(waiting).await.body, "42[\"bye\",1]\x1e1");
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ByOwner));
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn the_owner_closes_the_next_poll_when_none_waits() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    guest.socket.close(None, None);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ByOwner));
    poller.post(&server, "42[\"late\"]").await;
    assert_eq!(poller.poll(&server).await, "6\x1e1");
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn the_owner_closes_a_websocket_with_a_status_and_no_disconnect() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    guest.socket.send(&encode::event("/", "a", &["1"], &[])).unwrap();
    guest.socket.close(Some(&encode::event("/", "bye", &["1"], &[])), Some(1012));
    let (texts, status) = ws.until_closed().await;
    assert_eq!(texts, ["42[\"a\",1]", "42[\"bye\",1]"]);
    assert_eq!(status, Some(1012));
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ByOwner));
}

#[actix_web::test]
async fn nothing_is_sent_after_the_close() {
    let mut server = Server::start().await;
    let (_ws, guest) = Ws::joined(&mut server).await;
    guest.socket.close(None, None);
    let event = encode::event("/", "late", &["1"], &[]);
    let refused = guest.socket.send(&event);
    assert_eq!(refused, Err(kyo_collaboration::engineio::Behind::Gone));
}

#[actix_web::test]
async fn a_handler_that_panics_takes_its_own_client_with_it_and_nobody_elses() {
    let mut server = Server::start().await;
    let (mut other, mut guest) = Ws::joined(&mut server).await;
    let (mut ws, _) = Ws::joined(&mut server).await;
    let (poller, _) = Poller::joined(&mut server).await;
    ws.send("42[\"panic\"]").await;
    assert_eq!(ws.closed().await, None);
    assert_eq!(poller.try_post(&server, "42[\"panic\"]").await.code(), (400, 1));
    poller.is_gone(&server).await;
    until("two free places", async || (server.socket.sessions() == 1).then_some(())).await;
    other.send("42[\"hello\"]").await;
    assert_eq!(guest.event().await.name, "hello");
}
