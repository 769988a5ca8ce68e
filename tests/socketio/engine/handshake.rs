//! How a session begins, and what is refused in which words.

use serde_json::json;

use crate::support::{Poller, Server, Ws, get, request, settings};

#[actix_web::test]
async fn a_polling_session_opens_with_the_settings_of_the_endpoint() {
    let server = Server::start().await;
    let answer = get(&server, "/engine.io/?EIO=4&transport=polling&t=abc&b64=1").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type").unwrap(), "text/plain; charset=UTF-8");
    assert_eq!(answer.header("cache-control").unwrap(), "no-store");
    let open: serde_json::Value =
        serde_json::from_str(answer.body.strip_prefix('0').unwrap()).unwrap();
    let hour = 3_600_000;
    let (sid, upgrades) = (&open["sid"], ["websocket"]);
    assert_eq!(
        open,
        json!({"sid": sid, "upgrades": upgrades, "pingInterval": hour, "pingTimeout": hour, "maxPayload": 10_000})
    );
    assert!(sid.as_str().unwrap().starts_with("here."), "{sid}");
}

#[actix_web::test]
async fn a_session_on_a_websocket_has_nothing_to_upgrade_to() {
    let server = Server::start().await;
    let (_ws, open) = Ws::open(&server, "/engine.io/").await;
    assert_eq!(open["upgrades"], json!([]));
    assert_eq!(open["maxPayload"], 10_000);
}

#[actix_web::test]
async fn every_refusal_has_its_code_in_the_official_order() {
    let server = Server::start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let known = format!("transport=polling&sid={}", poller.sid);
    let cases = [
        ("GET", "EIO=4", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=abc", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=webtransport", 0, "Transport unknown"),
        ("POST", "transport=abc&sid=nobody", 0, "Transport unknown"),
        ("GET", "EIO=4&transport=polling&sid=nobody", 1, "Session ID unknown"),
        ("PUT", "transport=polling&sid=nobody", 1, "Session ID unknown"),
        ("GET", "EIO=4&transport=websocket&sid=nobody", 1, "Session ID unknown"),
        ("POST", "EIO=4&transport=polling", 2, "Bad handshake method"),
        ("PUT", "EIO=3&transport=polling", 2, "Bad handshake method"),
        ("POST", "EIO=4&transport=websocket", 2, "Bad handshake method"),
        ("GET", "EIO=4&transport=websocket", 3, "Bad request"),
        ("GET", "EIO=3&transport=websocket", 3, "Bad request"),
        ("PUT", &known, 3, "Bad request"),
        ("GET", "EIO=3&transport=polling", 5, "Unsupported protocol version"),
        ("GET", "EIO=abc&transport=polling", 5, "Unsupported protocol version"),
        ("GET", "transport=polling", 5, "Unsupported protocol version"),
    ];
    for (method, query, code, message) in cases {
        let answer = request(&server, method, &format!("/engine.io/?{query}"), &[], "").await;
        assert_eq!(answer.status, 400, "{method} {query}");
        assert_eq!(answer.header("content-type").unwrap(), "application/json", "{method} {query}");
        assert_eq!(answer.json(), json!({"code": code, "message": message}), "{method} {query}");
    }
    poller.post(&server, "4none of that was the session's").await;
    assert_eq!(poller.poll(&server).await, "4none of that was the session's");
}

#[actix_web::test]
async fn a_refused_websocket_is_told_in_plain_words_before_the_upgrade() {
    let server = Server::start().await;
    for (query, words) in [
        ("EIO=4", "Transport unknown"),
        ("EIO=4&transport=abc", "Transport unknown"),
        ("EIO=3&transport=websocket", "Unsupported protocol version"),
        ("transport=websocket", "Unsupported protocol version"),
        ("EIO=4&transport=websocket&sid=nobody", "Session ID unknown"),
        ("EIO=4&transport=polling", "Bad request"),
    ] {
        let refused = Ws::try_at(&server, &format!("/engine.io/?{query}"), None).await;
        assert_eq!(refused.err(), Some((400, words.to_owned())), "{query}");
    }
}

#[actix_web::test]
async fn what_follows_the_names_clients_use_is_no_matter() {
    let server = Server::start().await;
    let target = "/engine.io/?t=1&sid=&transport=polling&b64=1&EIO=4&x=%ff";
    assert_eq!(get(&server, target).await.status, 200);
}

#[actix_web::test]
async fn sessions_are_bounded_and_a_place_becomes_free_again() {
    let (engine, socket) = settings();
    let engine = kyo_collaboration::engineio::Config { max_sessions: 1, ..engine };
    let server = Server::with(engine, socket).await;
    let first = Poller::open(&server, "/engine.io/").await;
    let more = get(&server, "/engine.io/?EIO=4&transport=polling").await;
    assert_eq!((more.status, more.json()["message"].as_str()), (503, Some("Too many sessions")));
    let more = Ws::try_at(&server, "/engine.io/?EIO=4&transport=websocket", None).await;
    assert_eq!(more.err(), Some((503, "Too many sessions".to_owned())));

    first.post(&server, "1").await;
    assert_eq!(first.poll(&server).await, "6");
    crate::support::until("a free place", async || (server.engine.sessions() == 0).then_some(()))
        .await;
    Poller::open(&server, "/engine.io/").await;
}
