//! Into a namespace, or not.

use std::time::Duration;

use kyo_collaboration::socketio::{Config, encode};

use crate::support::{Poller, Server, Ws, settings};

#[actix_web::test]
async fn the_answer_has_an_id_that_is_not_the_sessions_and_comes_before_anything_else() {
    let mut server = Server::start().await;
    let (mut ws, open) = Ws::open(&server, "/socket.io/").await;
    let mut ids = vec![open["sid"].as_str().unwrap().to_owned()];
    for (packet, head) in [("40", "40{"), ("40/custom,", "40/custom,{")] {
        ws.send(packet).await;
        let guest = server.guest().await;
        let namespace = guest.socket.namespace().to_owned();
        guest.socket.send(&encode::event(&namespace, "first", &["1"], &[])).unwrap();
        let answer = ws.text().await;
        assert!(answer.starts_with(head), "{answer}");
        let json: serde_json::Value =
            serde_json::from_str(&answer[answer.find('{').unwrap()..]).unwrap();
        assert_eq!(json, serde_json::json!({"sid": guest.socket.id()}));
        ids.push(guest.socket.id().to_owned());
        assert!(ws.text().await.ends_with("[\"first\",1]"));
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3, "three secrets");
}

#[actix_web::test]
async fn what_the_client_shows_is_handed_over_as_it_was_written() {
    let mut server = Server::start().await;
    for (packet, auth) in [
        ("40", None),
        ("40{\"token\":\"1,2\"}", Some("{\"token\":\"1,2\"}")),
        ("40/custom,{ \"a\" : 1.0 }", Some("{ \"a\" : 1.0 }")),
        ("40/custom", None),
        ("40/custom,{\"pid\":\"x\",\"offset\":\"y\"}", Some("{\"pid\":\"x\",\"offset\":\"y\"}")),
    ] {
        let (mut ws, _) = Ws::open(&server, "/socket.io/").await;
        ws.send(packet).await;
        assert_eq!(server.guest().await.auth.as_deref(), auth, "{packet}");
    }
}

#[actix_web::test]
async fn a_refusal_carries_its_data_and_the_client_may_try_again() {
    let mut server = Server::start().await;
    let (mut ws, _) = Ws::open(&server, "/socket.io/").await;
    ws.send("40{\"refuse\":1}").await;
    let refusal = r#"44{"message":"not \"you\"","data":{"code":"unauthenticated"}}"#;
    assert_eq!(ws.text().await, refusal);
    ws.send("40/random").await;
    assert_eq!(ws.text().await, r#"44/random,{"message":"Invalid namespace"}"#);
    ws.send("40/random?a=1,").await;
    assert_eq!(ws.text().await, r#"44/random?a=1,{"message":"Invalid namespace"}"#);
    ws.send("40").await;
    assert!(ws.text().await.starts_with("40{\"sid\":"));
    server.guest().await;
}

#[actix_web::test]
async fn a_polling_client_is_answered_in_its_next_poll() {
    let mut server = Server::start().await;
    let poller = Poller::open(&server, "/socket.io/").await;
    poller.post(&server, "40/custom,\x1e42/custom,[\"hello\"]").await;
    assert_eq!(server.guest().await.event().await.name, "hello");
    assert!(poller.poll(&server).await.starts_with("40/custom,{\"sid\":"));
}

#[actix_web::test]
async fn who_comes_into_no_namespace_is_closed_in_time() {
    let (engine, socket) = settings();
    let connect_timeout = Duration::from_secs(2);
    let mut server = Server::with(engine, Config { connect_timeout, ..socket }).await;
    let (mut silent, _) = Ws::open(&server, "/socket.io/").await;
    let (mut refused, _) = Ws::open(&server, "/socket.io/").await;
    refused.send("40/random").await;
    let (mut inside, mut guest) = Ws::joined(&mut server).await;
    assert!(refused.text().await.starts_with("44/random,"));
    assert_eq!(refused.closed().await, None);
    assert_eq!(silent.closed().await, None);
    // Whoever once was inside may be outside.
    inside.send("41").await;
    guest.leaves().await;
    inside.send("40").await;
    server.guest().await;
}
