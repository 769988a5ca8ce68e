//! The machine-readable descriptions of both interfaces.

use crate::V1;
use crate::support::{Person, Service};

#[actix_web::test]
async fn openapi_lists_every_path() {
    let service = Service::start().await;
    let rest = service.rest(&Person::viewer("vera"));
    let document = rest.get(&format!("{V1}/openapi.json")).await.expect(200);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let paths = document["paths"].as_object().expect("paths");
    for (tail, methods) in [
        ("/rooms", &["get", "post"] as &[_]),
        ("/rooms/{room}", &["get", "patch", "delete"]),
        ("/rooms/{room}/members", &["get"]),
        ("/rooms/{room}/members/{userId}", &["put", "delete"]),
        ("/rooms/{room}/snapshot", &["get"]),
        ("/rooms/{room}/events", &["get"]),
        ("/rooms/{room}/ops", &["post"]),
        ("/rooms/{room}/participants", &["get"]),
        ("/rooms/{room}/calendar.ics", &["get"]),
        ("/feed", &["get"]),
    ] {
        let path = paths.iter().find(|(path, _)| **path == format!("{V1}{tail}"));
        let (_, item) = path.unwrap_or_else(|| panic!("{tail} is missing"));
        for method in methods {
            assert!(item[method]["responses"].is_object(), "{method} {tail}");
        }
    }
}

#[actix_web::test]
async fn asyncapi_lists_every_message() {
    let service = Service::start().await;
    let rest = service.rest(&Person::viewer("vera"));
    let document = rest.get(&format!("{V1}/asyncapi.json")).await.expect(200);
    assert!(document["asyncapi"].is_string(), "{document}");
    let messages = document["components"]["messages"].to_string();
    for message in [
        "authenticate",
        "welcome",
        "refresh",
        "refreshed",
        "token_expiring",
        "ping",
        "pong",
        "draining",
        "join",
        "joined",
        "leave",
        "left",
        "events",
        "resync",
        "room_closed",
        "op",
        "ack",
        "error",
        "cursor_move",
        "selection_change",
        "presence",
        "lock",
        "locked",
        "unlock",
        "locks",
        "history",
        "snapshot",
    ] {
        assert!(messages.contains(&format!("\"{message}\"")), "{message} is missing");
    }
}
