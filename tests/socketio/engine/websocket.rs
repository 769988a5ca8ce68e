//! Messages on a WebSocket.

use bytes::Bytes;
use kyo_collaboration::engineio::Closed;
use kyo_collaboration::socketio::Left;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Heard, Server, Ws};

#[actix_web::test]
async fn text_comes_back_as_text_and_bytes_as_bytes() {
    let server = Server::start().await;
    let (mut ws, _) = Ws::open(&server, "/engine.io/").await;
    ws.send("4hällo").await;
    assert_eq!(ws.text().await, "4hällo");
    ws.send_binary(&[1, 2, 3, 4]).await;
    assert_eq!(ws.binary().await, [1, 2, 3, 4]);
    ws.send("bAQIDBA==").await;
    assert_eq!(ws.binary().await, [1, 2, 3, 4]);
}

#[actix_web::test]
async fn fragments_are_one_message() {
    let server = Server::start().await;
    let (mut ws, _) = Ws::open(&server, "/engine.io/").await;
    for (data, kind, last) in
        [("4he", Data::Text, false), ("l", Data::Continue, false), ("lo", Data::Continue, true)]
    {
        let frame = Frame::message(Bytes::from(data), OpCode::Data(kind), last);
        ws.send_frame(Message::Frame(frame)).await;
    }
    assert_eq!(ws.text().await, "4hello");
}

#[actix_web::test]
async fn what_is_no_packet_of_a_client_closes() {
    let mut server = Server::start().await;
    for bad in ["abc", "", "2", "2probe", "b!"] {
        let (mut ws, mut guest) = Ws::joined(&mut server).await;
        ws.send(bad).await;
        assert_eq!(ws.closed().await, None, "{bad}");
        assert_eq!(guest.leaves().await, Left::Transport(Closed::BadPacket), "{bad}");
    }
}

#[actix_web::test]
async fn packets_without_meaning_are_skipped() {
    let server = Server::start().await;
    let (mut ws, _) = Ws::open(&server, "/engine.io/").await;
    for packet in ["0", "3", "3probe", "5", "6"] {
        ws.send(packet).await;
    }
    ws.send("4still here").await;
    assert_eq!(ws.text().await, "4still here");
}

#[actix_web::test]
async fn the_next_message_waits_until_the_last_is_handled() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send("42[\"pause\"]").await;
    for number in 0..100 {
        ws.send(&format!("42[\"number\",{number}]")).await;
    }
    let Heard::Paused(go_on) = guest.hears().await else { panic!("a pause was expected") };
    let early = tokio::time::timeout(std::time::Duration::from_millis(100), guest.hears()).await;
    assert!(early.is_err(), "{early:?}");
    go_on.send(()).unwrap();
    for number in 0..100 {
        assert_eq!(guest.event().await.args, [number.to_string()]);
    }
}
