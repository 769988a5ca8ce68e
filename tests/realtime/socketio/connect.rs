//! Who is let in, and what the others are told.

use serde_json::{Value, json};

use super::{PATH, Poller, Ws};
use crate::support::{Person, Service, Settings};

/// The data of a CONNECT_ERROR.
fn refused(text: &str) -> Value {
    let error: Value = serde_json::from_str(text.strip_prefix("44").expect(text)).expect("JSON");
    assert!(error["message"].is_string(), "{text}");
    error["data"].clone()
}

#[actix_web::test]
async fn a_refused_token_says_why_and_the_client_may_try_again_on_the_same_transport() {
    let service = Service::start().await;
    let (mut ws, open) = Ws::open(&service, PATH).await;
    assert_eq!(open["maxPayload"], 65_536);
    assert_eq!((&open["pingInterval"], &open["pingTimeout"]), (&json!(25_000), &json!(20_000)));
    let emil = Person::editor("emil");
    let expired = json!({"token": emil.expired_token()}).to_string();
    for (auth, code) in [
        ("", "unauthenticated"),
        ("{}", "unauthenticated"),
        ("{\"token\":7}", "unauthenticated"),
        ("{\"token\":\"nonsense\"}", "unauthenticated"),
        (expired.as_str(), "token_expired"),
    ] {
        ws.send(&format!("40{auth}")).await;
        assert_eq!(refused(&ws.text().await)["code"], code, "{auth}");
    }
    let good = json!({"token": emil.token()});
    ws.send(&format!("40/other,{good}")).await;
    assert_eq!(ws.text().await, "44/other,{\"message\":\"Invalid namespace\"}");
    ws.send(&format!("40{good}")).await;
    assert!(ws.text().await.starts_with("40{\"sid\":"));
    let welcome = ws.text().await;
    assert!(welcome.starts_with("42[\"welcome\",{") && welcome.contains("\"userId\":\"emil\""));
}

#[actix_web::test]
async fn who_says_nothing_is_let_go_in_time() {
    let service = Service::with(Settings::default().set("realtime.auth_deadline_ms", 1_000)).await;
    let (mut ws, _) = Ws::open(&service, PATH).await;
    assert_eq!(ws.closed().await, None);
}

#[actix_web::test]
async fn pages_of_the_list_may_call_and_others_may_not() {
    let settings = Settings::default().set("server.allowed_origins", "https://gym.example");
    let service = Service::with(settings).await;
    let target = format!("{PATH}?EIO=4&transport=websocket");
    let ours = Ws::try_at(&service, &target, Some("https://gym.example")).await;
    assert!(ours.is_ok());
    let foreign = Ws::try_at(&service, &target, Some("https://evil.example")).await;
    assert_eq!(foreign.err().expect("a refusal").0, 403);

    for query in ["EIO=4&transport=polling", "EIO=3&transport=polling"] {
        let page = [("origin", "https://gym.example")];
        let target = format!("{PATH}?{query}");
        let answer = super::poller::request(&service, "GET", &target, &page, "").await;
        let allowed = answer.header("access-control-allow-origin");
        assert_eq!(allowed.as_deref(), Some("https://gym.example"), "{answer:?}");
        assert_eq!(answer.header("access-control-allow-credentials").as_deref(), Some("true"));
        assert_eq!(answer.header("vary").as_deref(), Some("Origin"));
        let page = [("origin", "https://evil.example")];
        let answer = super::poller::request(&service, "GET", &target, &page, "").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{answer:?}");
    }
}

#[actix_web::test]
async fn the_secret_of_a_session_is_in_no_log() {
    let verbose = Settings::default().set("telemetry.filter", "trace");
    let service = Service::with(verbose).await;
    let poller = super::polling(&service, &Person::editor("emil")).await;
    let secret = poller.sid.rsplit('.').next().expect("a secret").to_owned();
    poller.post(&service, "420[\"ping\"]").await;
    assert!(poller.poll(&service).await.contains("pong"));
    poller.post(&service, "41").await;
    Poller { target: format!("{}x", poller.target), ..poller.clone() }.is_gone(&service).await;
    let logs = service.logs();
    assert!(logs.contains("TRACE") && !logs.contains(&secret));
}
