//! What is too large, and who is too slow.

use kyo_collaboration::engineio::{Behind, Closed, Config};
use kyo_collaboration::socketio::{Left, encode};

use crate::support::{Guest, Heard, Poller, Server, Ws, answer, head, raw, settings};

#[actix_web::test]
async fn a_post_that_is_too_large_is_refused_and_the_session_stays() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let fits = format!("4{}", "x".repeat(9_999));
    poller.post(&server, &fits).await;
    assert_eq!(poller.poll(&server).await, fits);

    let declared = head("POST", &poller.target, &[("content-length", "10001")]);
    assert_eq!(answer(raw(&server, &declared).await).await.status, 413);
    let chunked = head("POST", &poller.target, &[("transfer-encoding", "chunked")]);
    let chunked = format!("{chunked}2711\r\n4{}\r\n", "x".repeat(10_000));
    assert_eq!(answer(raw(&server, &chunked).await).await.status, 413);

    poller.post(&server, "4hello").await;
    assert_eq!(poller.poll(&server).await, "4hello");
}

#[actix_web::test]
async fn a_frame_that_is_too_large_closes_with_its_own_status() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send(&format!("42[\"{}\"]", "x".repeat(10_000 - 6))).await;
    assert_eq!(guest.event().await.name.len(), 10_000 - 6);
    ws.send(&format!("42[\"{}\"]", "x".repeat(10_000 - 5))).await;
    assert_eq!(ws.closed().await, Some(1009));
    assert_eq!(guest.leaves().await, Left::Transport(Closed::TransportClosed));
}

#[actix_web::test]
async fn a_poller_that_does_not_poll_is_called_slow_and_still_gets_what_fitted() {
    let (engine, socket) = settings();
    let mut server = Server::with(Config { ..small(engine) }, socket).await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    let sent = fill(&guest.socket);
    assert!(matches!(guest.hears().await, Heard::Behind));
    guest.socket.close(Some(&encode::event("/", "slow", &["1"], &[])), None);
    assert_eq!(guest.leaves().await, Left::Transport(Closed::ByOwner));
    let payload = poller.poll(&server).await;
    let packets: Vec<_> = payload.split('\x1e').collect();
    assert_eq!(packets.len(), sent + 2);
    assert_eq!(packets[packets.len() - 2..], ["42[\"slow\",1]", "1"]);
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn a_websocket_that_does_not_read_is_called_slow() {
    let (engine, socket) = settings();
    let mut server = Server::with(small(engine), socket).await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    is_called_slow(&mut ws, &mut guest, 5_000).await;
}

/// Sends a client that does not read events of so many bytes until it is behind, then closes: it gets
/// what was taken, and the close.
pub async fn is_called_slow(ws: &mut Ws, guest: &mut Guest, size: usize) {
    let event = encode::event("/", "n", &[format!("\"{}\"", "x".repeat(size))], &[]);
    let mut sent = 0;
    crate::support::until("a full queue", async || {
        let full = guest.socket.send(&event) == Err(Behind::Full);
        sent += usize::from(!full);
        full.then_some(())
    })
    .await;
    assert!(matches!(guest.hears().await, Heard::Behind));
    guest.socket.close(None, Some(4009));
    let (texts, status) = ws.until_closed().await;
    assert_eq!((texts.len(), status), (sent, Some(4009)));
}

fn small(engine: Config) -> Config {
    let budget = kyo_collaboration::engineio::Budget { packets: 20, bytes: 20_000 };
    Config { budget, ..engine }
}

/// Sends until no more fits; how many did.
fn fill(socket: &kyo_collaboration::socketio::Socket) -> usize {
    let event = encode::event("/", "n", &["1"], &[]);
    (0..1_000).take_while(|_| socket.send(&event).is_ok()).count()
}
