//! WebSockets that reach a replica which does not keep their session.

use std::time::Duration;

use kyo_collaboration::engineio::{Behind, Closed};
use kyo_collaboration::socketio::{Left, encode};

use super::limits::is_called_slow;
use crate::support::{Guest, Heard, Poller, Server, Ws, two, until, within};

fn target(poller: &Poller) -> String {
    poller.target.replace("polling", "websocket")
}

/// A session of `owner` that polled through `other` and upgrades there.
async fn upgraded(owner: &mut Server, other: &Server) -> (Poller, Ws, Guest) {
    let (poller, mut guest) = Poller::joined(owner).await;
    let mut ws = Ws::at(other, &target(&poller)).await;
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws.send("5").await;
    assert!(matches!(guest.hears().await, Heard::Upgraded));
    (poller, ws, guest)
}

async fn is_free(server: &Server) {
    until("an end", async || (server.socket.forwarded() == 0).then_some(())).await;
}

#[actix_web::test]
async fn an_upgrade_through_another_replica_carries_everything_in_order() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (_poller, mut ws, mut guest) = upgraded(&mut owner, &other).await;
    for number in 0..150 {
        ws.send(&format!("42[\"m{number}\"]")).await;
        let size = if number == 75 { 500_000 } else { number };
        let data = [number.to_string(), format!("\"{}\"", "x".repeat(size))];
        guest.socket.send(&encode::event("/", "n", &data, &[])).unwrap();
    }
    for number in 0..150 {
        assert_eq!(guest.event().await.name, format!("m{number}"));
        assert!(ws.text().await.starts_with(&format!("42[\"n\",{number},")));
    }
    assert_eq!((other.socket.forwarded(), other.socket.sessions()), (1, 0));
}

#[actix_web::test]
async fn a_tunnel_ends_with_its_client() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (poller, ws, mut guest) = upgraded(&mut owner, &other).await;
    drop(ws);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportClosed));
    is_free(&other).await;
    poller.is_gone(&other).await;
}

#[actix_web::test]
async fn a_tunnel_ends_with_its_session() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (_, mut ws, guest) = upgraded(&mut owner, &other).await;
    guest.socket.close(Some(&encode::event("/", "bye", &["1"], &[])), Some(1012));
    assert_eq!(ws.text().await, "42[\"bye\",1]");
    assert_eq!(ws.closed().await, Some(1012));
    is_free(&other).await;
}

#[actix_web::test]
async fn a_tunnel_ends_with_its_owner() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (_, mut ws, _guest) = upgraded(&mut owner, &other).await;
    drop(owner);
    assert_eq!(ws.closed().await, None);
    is_free(&other).await;
}

/// Cut without a word until now.
#[actix_web::test]
async fn a_replica_that_goes_away_closes_its_tunnels_between_two_frames() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (_, mut ws, mut guest) = upgraded(&mut owner, &other).await;
    let large = format!("\"{}\"", "x".repeat(300_000));
    let large = encode::event("/", "n", &[large], &[]);
    guest.socket.send(&large).unwrap();
    // The client does not read yet, so that the moment comes in the middle of a frame: not before it.
    ws.hears().await;
    let leaving = actix_web::rt::spawn(async move {
        other.socket.leave(Duration::ZERO, 1012).await;
        other
    });
    assert_eq!(ws.text().await.len(), "42[\"n\",\"\"]".len() + 300_000);
    assert_eq!(ws.closed().await, Some(1012));
    // The owner sees a connection that broke, not a farewell: the client comes back.
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportClosed));
    let other = within("the end of the tunnels", leaving).await.unwrap();
    is_free(&other).await;
}

#[actix_web::test]
async fn a_second_websocket_through_a_tunnel_is_accepted_and_closed() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (poller, mut ws, mut guest) = upgraded(&mut owner, &other).await;
    assert_eq!(Ws::at(&other, &target(&poller)).await.closed().await, None);
    ws.send("42[\"hello\"]").await;
    assert_eq!(guest.event().await.name, "hello");
}

#[actix_web::test]
async fn a_client_that_does_not_read_is_slow_through_a_tunnel_too() {
    let ((mut owner, _), (other, _)) = two(|_| {}).await;
    let (_, mut ws, mut guest) = upgraded(&mut owner, &other).await;
    is_called_slow(&mut ws, &mut guest, 50_000).await;
}

#[actix_web::test]
async fn a_client_that_reads_nothing_does_not_keep_its_tunnel() {
    let brief = Duration::from_millis(200);
    let ((mut owner, _), (other, _)) = two(|config| {
        (config.ping_interval, config.ping_timeout) = (brief, brief);
    })
    .await;
    let (_, _ws, mut guest) = upgraded(&mut owner, &other).await;
    let event = encode::event("/", "n", &[format!("\"{}\"", "x".repeat(50_000))], &[]);
    // It may be called slow before the tunnel is closed under it, or not.
    until("an end", async || (guest.socket.send(&event) == Err(Behind::Gone)).then_some(())).await;
    is_free(&other).await;
    let mut last = guest.hears().await;
    if matches!(last, Heard::Behind) {
        last = guest.hears().await;
    }
    assert!(matches!(last, Heard::Left(Left::Transport(Closed::TransportClosed))), "{last:?}");
}

#[actix_web::test]
async fn a_foreign_page_gets_no_tunnel() {
    let ((owner, _), (other, table)) = two(|_| {}).await;
    let poller = Poller::open(&owner, "/engine.io/").await;
    let refused = Ws::try_at(&other, &target(&poller), Some("http://elsewhere.example")).await;
    assert_eq!(refused.err(), Some((403, "Forbidden".to_owned())));
    assert_eq!(table.asked(), 0);
}

#[actix_web::test]
async fn a_websocket_that_the_owner_refuses_is_unknown() {
    let ((_owner, _), (other, table)) = two(|_| {}).await;
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    table.say("dead", &place.to_string());
    for sid in ["here.abc", "dead.abc", "nobody.abc"] {
        let target = format!("/engine.io/?EIO=4&transport=websocket&sid={sid}");
        let refused = Ws::try_at(&other, &target, None).await.err();
        assert_eq!(refused, Some((400, "Session ID unknown".to_owned())), "{sid}");
    }
    assert_eq!(other.engine.forwarded(), 0);
}
