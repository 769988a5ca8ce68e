//! What a client is closed for.

use kyo_collaboration::socketio::Left;

use crate::support::{Poller, Server, Ws};

/// Packets that no client sends, each after a CONNECT to `/`.
const VIOLATIONS: &[&str] = &[
    "4abc",
    "4",
    "47",
    "42{}",
    "42",
    "42[]",
    "42[null]",
    "42[\"unclosed\"",
    "42abc[\"a\"]",
    "42[\"connect\"]",
    "42[\"disconnecting\"]",
    "429007199254740992[\"a\"]",
    "43{}",
    "40",
    "40{}",
    "41{}",
    "42/custom,[\"not inside\"]",
    "41/custom",
    "43/custom,1[]",
    "44{\"message\":\"x\"}",
    "45[\"a\"]",
    "450-[\"a\"]",
    "4511-[\"a\"]",
    "451-[\"a\",{\"_placeholder\":true,\"num\":1}]",
    "45-1-[\"a\"]",
    "40/custom,[]",
    "40/custom,\"text\"",
    "40/custom,null",
];

#[actix_web::test]
async fn a_violation_closes_the_transport() {
    let mut server = Server::start().await;
    for violation in VIOLATIONS {
        let (mut ws, mut guest) = Ws::joined(&mut server).await;
        ws.send(violation).await;
        assert_eq!(ws.closed().await, None, "{violation}");
        assert_eq!(guest.leaves().await, Left::Violation, "{violation}");
    }
}

#[actix_web::test]
async fn so_do_bytes_without_an_event_and_text_before_them() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send_binary(b"x").await;
    assert_eq!(ws.closed().await, None);
    assert_eq!(guest.leaves().await, Left::Violation);

    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send("451-[\"a\",{\"_placeholder\":true,\"num\":0}]").await;
    ws.send("42[\"b\"]").await;
    assert_eq!(ws.closed().await, None);
    assert_eq!(guest.leaves().await, Left::Violation);
}

#[actix_web::test]
async fn whoever_is_not_inside_is_closed_for_anything_but_connect() {
    let server = Server::start().await;
    for packet in ["4abc", "42[\"a\"]", "41", "430[]"] {
        let (mut ws, _) = Ws::open(&server, "/socket.io/").await;
        ws.send(packet).await;
        assert_eq!(ws.closed().await, None, "{packet}");
    }
}

#[actix_web::test]
async fn a_polling_client_is_closed_in_order() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    poller.post(&server, "42[\"a\"]\x1e4abc\x1e42[\"b\"]").await;
    assert_eq!(guest.event().await.name, "a");
    assert_eq!(guest.leaves().await, Left::Violation);
    assert_eq!(poller.poll(&server).await, "6\x1e1");
    poller.is_gone(&server).await;
}

#[actix_web::test]
async fn nesting_without_end_is_a_violation_and_no_danger() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send(&format!("42[\"deep\",{}{}]", "[".repeat(99), "]".repeat(99))).await;
    assert_eq!(guest.event().await.name, "deep");
    ws.send(&format!("42[\"deep\",{}]", "[".repeat(9_000))).await;
    assert_eq!(ws.closed().await, None);
}
