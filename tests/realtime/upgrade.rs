//! Connections that ask for another protocol, byte by byte.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Open, Person, Service};

/// Where a head ends.
const END: &str = "\r\n\r\n";

/// What a client says to become a WebSocket at `path`.
fn asks(path: &str, more: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: kyo\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// A client's text frame, masked with zeros.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend((text.len() as u16).to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

/// Says `bytes` at once and hears everything until the service ends the connection.
async fn hear(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address()).await.expect("it listens");
    stream.write_all(bytes).await.expect("it reads");
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.expect("an orderly end");
    String::from_utf8_lossy(&heard).into_owned()
}

/// Says `bytes` at once and hears what comes until `words` were among it.
async fn hear_until(service: &Service, bytes: &[u8], words: &str) -> String {
    let mut stream = TcpStream::connect(service.address()).await.expect("it listens");
    stream.write_all(bytes).await.expect("it reads");
    let mut heard = Vec::new();
    loop {
        let read = stream.read_buf(&mut heard).await.expect("an answer");
        let text = String::from_utf8_lossy(&heard);
        if text.contains(words) {
            return text.into_owned();
        }
        assert_ne!(read, 0, "it ended without {words}: {text}");
    }
}

#[actix_web::test]
async fn messages_that_come_along_with_the_request_are_heard() {
    let service = Service::start().await;
    let token = Person::editor("emil").token();
    let hello = json!({"id": 1, "type": "authenticate", "token": token}).to_string();
    let mut bytes = asks(&Open::default().path, "").into_bytes();
    bytes.extend(frame(&hello));
    let heard = hear_until(&service, &bytes, r#""type":"welcome""#).await;
    assert!(heard.starts_with("HTTP/1.1 101 "), "{heard}");
}

#[actix_web::test]
async fn a_refusal_is_told_whole_and_ends_the_connection() {
    let service = Service::start().await;
    let refused = [
        (
            Open::default().path,
            "authorization: Bearer no.token.atall\r\n",
            "401",
            "unauthenticated",
        ),
        (Open::default().path, "sec-websocket-protocol: kyo.v9.xml\r\n", "422", "kyo.v1.json"),
        ("/nowhere".to_owned(), "", "404", ""),
        ("/socket.io/?EIO=4&transport=websocket&sid=none".to_owned(), "", "400", "Session ID"),
    ];
    for (path, header, status, says) in refused {
        let heard = hear(&service, asks(&path, header).as_bytes()).await;
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {heard}");
        assert!(heard.contains("connection: close\r\n"), "{heard}");
        assert!(heard.contains(says), "{heard}");
    }
}

#[actix_web::test]
async fn what_is_answered_before_an_upgrade_is_answered_first() {
    let service = Service::start().await;
    let both = format!("GET /health HTTP/1.1\r\nhost: kyo\r\n\r\n{}", asks("/nowhere", ""));
    let heard = hear(&service, both.as_bytes()).await;
    assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
    assert!(heard.contains("HTTP/1.1 404 "), "{heard}");
}

/// It could not be cut off: only a connection that has left the dispatcher can.
#[actix_web::test]
async fn a_request_with_chunks_becomes_no_websocket() {
    let service = Service::start().await;
    for path in [Open::default().path, "/socket.io/?EIO=4&transport=websocket".to_owned()] {
        let asked = asks(&path, "transfer-encoding: chunked\r\n");
        let heard = hear_until(&service, format!("{asked}0\r\n\r\n").as_bytes(), END).await;
        assert!(heard.starts_with("HTTP/1.1 4"), "{heard}");
    }
}

#[actix_web::test]
async fn who_says_something_else_than_get_is_refused_whatever_the_body_says() {
    let service = Service::start().await;
    let path = "/api/collaboration/v1/rooms";
    let post = asks(path, "content-length: 2\r\n").replace("GET", "POST");
    for asked in [format!("{post}{{}}"), asks(path, "content-length: 2\r\n") + "{}"] {
        let heard = hear(&service, asked.as_bytes()).await;
        assert!(heard.starts_with("HTTP/1.1 400 ") && heard.contains("without a body"), "{heard}");
    }
}

#[actix_web::test]
async fn an_answer_without_an_end_is_no_chunks_to_who_asked_for_an_upgrade() {
    let service = Service::start().await;
    let token = Person::operator("olga").token();
    let path = "/api/collaboration/v1/operator/follow?user=olga";
    let asked = asks(path, &format!("authorization: Bearer {token}\r\n"));
    let heard = hear_until(&service, asked.as_bytes(), END).await;
    assert!(heard.starts_with("HTTP/1.1 200 "), "{heard}");
    assert!(!heard.contains("chunked"), "{heard}");
}

#[actix_web::test]
async fn any_route_answers_who_would_rather_have_a_websocket() {
    let service = Service::start().await;
    let heard = hear(&service, asks("/api/collaboration/v1/openapi.json", "").as_bytes()).await;
    let (head, body) = heard.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    assert_eq!(length.and_then(|length| length.parse().ok()), Some(body.len()), "{head}");
    serde_json::from_str::<serde_json::Value>(body).expect("the whole document");
}
