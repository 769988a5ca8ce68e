//! Pages on other hosts.

use kyo_collaboration::engineio::Config;

use crate::support::{Poller, Server, Ws, request, settings};

const OURS: &str = "https://app.example";
const THEIRS: &str = "https://evil.example";

async fn start() -> Server {
    let (engine, socket) = settings();
    Server::with(Config { allowed_origins: vec![OURS.to_owned()], ..engine }, socket).await
}

#[actix_web::test]
async fn a_listed_origin_may_read_every_answer_and_others_none() {
    let server = start().await;
    let poller = Poller::open(&server, "/engine.io/").await;
    let open = "/engine.io/?EIO=4&transport=polling";
    let gone = format!("{open}&sid=nobody");
    for (method, target, body, status) in [
        ("GET", open, "", 200),
        ("POST", &poller.target, "4hello", 200),
        ("GET", &gone, "", 400),
        ("POST", open, "", 400),
    ] {
        let answer = request(&server, method, target, &[("origin", OURS)], body).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin").unwrap(), OURS);
        assert_eq!(answer.header("access-control-allow-credentials").unwrap(), "true");
        assert_eq!(answer.header("vary").unwrap(), "Origin");

        let answer = request(&server, method, target, &[("origin", THEIRS)], body).await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("vary").unwrap(), "Origin", "{method} {target}");
    }
}

#[actix_web::test]
async fn a_preflight_allows_what_was_asked_for() {
    let server = start().await;
    let asks = [
        ("origin", OURS),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "x-one,content-type"),
    ];
    let answer = request(&server, "OPTIONS", "/engine.io/?EIO=4", &asks, "").await;
    assert_eq!((answer.status, &*answer.body), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin").unwrap(), OURS);
    assert_eq!(answer.header("access-control-allow-headers").unwrap(), "x-one,content-type");
    assert_eq!(answer.header("access-control-allow-methods").unwrap(), "GET,POST");
    let vary = answer.header("vary").unwrap();
    assert!(vary.contains("Origin") && vary.contains("Access-Control-Request-Headers"), "{vary}");

    let foreign = [("origin", THEIRS), ("access-control-request-method", "POST")];
    let answer = request(&server, "OPTIONS", "/engine.io/", &foreign, "").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[actix_web::test]
async fn a_websocket_is_open_to_our_pages_and_to_none_of_others() {
    let server = start().await;
    let target = "/engine.io/?EIO=4&transport=websocket";
    let same = format!("http://{}", server.address);
    for origin in [None, Some(OURS), Some(&*same)] {
        assert!(Ws::try_at(&server, target, origin).await.is_ok(), "{origin:?}");
    }
    let refused = Ws::try_at(&server, target, Some(THEIRS)).await.err();
    assert_eq!(refused, Some((403, "Forbidden".to_owned())));

    let poller = Poller::open(&server, "/engine.io/").await;
    let upgrade = poller.target.replace("polling", "websocket");
    let refused = Ws::try_at(&server, &upgrade, Some(THEIRS)).await.err();
    assert_eq!(refused, Some((403, "Forbidden".to_owned())));
}
