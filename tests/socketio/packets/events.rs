//! Events with their answers and attachments.

use bytes::Bytes;
use kyo_collaboration::socketio::encode;

use crate::support::{Poller, Server, Ws};

#[actix_web::test]
async fn an_event_is_heard_as_it_was_said() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    ws.send(r#"42["m\u00e9t\"",1.50,"2",{"3":[true]}]"#).await;
    let event = guest.event().await;
    assert_eq!(event.name, "mét\"");
    assert_eq!(event.args, ["1.50", "\"2\"", r#"{"3":[true]}"#]);
    assert!(event.ack.is_none() && event.attachments.is_empty());
    ws.send("42[7]").await;
    let event = guest.event().await;
    assert_eq!((&*event.name, event.args.len()), ("7", 0));
}

#[actix_web::test]
async fn an_answer_has_the_number_of_its_question() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    for id in ["0", "456", "9007199254740991"] {
        ws.send(&format!("42{id}[\"ask\",1,\"2\"]")).await;
        let event = guest.event().await;
        event.ack.unwrap().answer(&event.args, &[]).unwrap();
        assert_eq!(ws.text().await, format!("43{id}[1,\"2\"]"));
    }
    ws.send("427[\"ask\"]").await;
    guest.event().await.ack.unwrap().answer::<&str>(&[], &[]).unwrap();
    assert_eq!(ws.text().await, "437[]");
}

#[actix_web::test]
async fn attachments_come_with_their_event_both_ways() {
    let mut server = Server::start().await;
    let (mut ws, mut guest) = Ws::joined(&mut server).await;
    let place = |number: u8| format!("{{\"_placeholder\":true,\"num\":{number}}}");
    // The numbers say which is which, whatever the order.
    ws.send(&format!("452-789[\"binary\",{},{}]", place(1), place(0))).await;
    ws.send_binary(&[1, 2, 3]).await;
    ws.send_binary(&[]).await;
    let event = guest.event().await;
    assert_eq!(event.name, "binary");
    assert_eq!(event.args, [place(1), place(0)]);
    assert_eq!(event.attachments, [&[1, 2, 3][..], &[]]);

    event.ack.unwrap().answer(&event.args, &event.attachments).unwrap();
    assert_eq!(ws.text().await, format!("462-789[{},{}]", place(1), place(0)));
    assert_eq!(ws.binary().await, [1, 2, 3]);
    assert!(ws.binary().await.is_empty());
}

#[actix_web::test]
async fn attachments_may_come_in_a_post_of_their_own() {
    let mut server = Server::start().await;
    let (poller, mut guest) = Poller::joined(&mut server).await;
    poller.post(&server, "451-[\"binary\",{\"_placeholder\":true,\"num\":0}]").await;
    poller.post(&server, "bAQIDBA==").await;
    let event = guest.event().await;
    assert_eq!(event.attachments, [&[1, 2, 3, 4][..]]);
    let back = encode::event("/", "back", &event.args, &event.attachments);
    guest.socket.send(&back).unwrap();
    let expected = "451-[\"back\",{\"_placeholder\":true,\"num\":0}]\x1ebAQIDBA==";
    assert_eq!(poller.poll(&server).await, expected);
}

#[actix_web::test]
async fn nothing_comes_between_an_event_and_its_attachments() {
    let mut server = Server::start().await;
    let (mut ws, guest) = Ws::joined(&mut server).await;
    let binary =
        encode::event("/", "b", &["{\"_placeholder\":true,\"num\":0}"], &[Bytes::from("x")]);
    let plain = encode::event("/", "p", &["1"], &[]);
    let senders: Vec<_> = [binary, plain]
        .into_iter()
        .map(|packet| {
            let socket = guest.socket.clone();
            std::thread::spawn(move || (0..300).for_each(|_| socket.send(&packet).unwrap()))
        })
        .collect();
    for _ in 0..600 {
        if ws.text().await.starts_with("451-") {
            assert_eq!(ws.binary().await, b"x");
        }
    }
    senders.into_iter().for_each(|sender| sender.join().unwrap());
}

#[actix_web::test]
async fn one_encoding_serves_every_member() {
    let mut server = Server::start().await;
    let (mut ws, one) = Ws::joined(&mut server).await;
    let (poller, other) = Poller::joined(&mut server).await;
    let packet = encode::event("/", "news", &["{\"a\":1}"], &[]);
    one.socket.send(&packet).unwrap();
    other.socket.send(&packet).unwrap();
    assert_eq!(ws.text().await, "42[\"news\",{\"a\":1}]");
    assert_eq!(poller.poll(&server).await, "42[\"news\",{\"a\":1}]");
    assert_eq!(packet.wire().as_ptr(), packet.wire().as_ptr());
}
