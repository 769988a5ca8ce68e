//! How connections end, and what the others see of it.

use serde_json::json;

use super::poller::{Poller, answer};
use super::{PATH, Ws, ask, entered, polling, reply, to_the_end};
use crate::support::{Client, Person, Service, Settings, until};

#[actix_web::test]
async fn a_replica_that_goes_away_says_so_and_closes_the_transport_without_a_disconnect() {
    let settings = Settings::unhurried().set("drain.deadline_ms", 3_000);
    let mut service = Service::with(settings).await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    let poller = polling(&service, &Person::editor("erna")).await;
    service.signal("TERM");
    let (texts, status) = ws.until_closed().await;
    let told = "{\"code\":1012,\"reason\":\"restart\"}]";
    assert!(texts[0].starts_with("42[\"draining\",{\"reconnectAfterMs\":"), "{texts:?}");
    let last = [format!("42[\"closing\",{told}"), format!("42[\"disconnecting\",{told}")];
    assert_eq!((&texts[1..], status), (&last[..], Some(1012)));

    // Without the packet that closes, after which python-socketio would stay away.
    let polled = to_the_end(&poller, &service).await;
    assert!(polled[0].starts_with("42[\"draining\",{\"reconnectAfterMs\":"), "{polled:?}");
    assert_eq!(polled[1..], last);
    assert!(service.exited().await.success());
}

/// Left out of the farewell until now: it has no session that could be told.
#[actix_web::test]
async fn who_is_in_no_namespace_is_closed_by_a_replica_that_goes_away() {
    let settings = Settings::unhurried().set("drain.deadline_ms", 3_000);
    let mut service = Service::with(settings.set("realtime.auth_deadline_ms", 60_000)).await;
    let (mut silent, _) = Ws::open(&service, PATH).await;
    let poller = Poller::open(&service, PATH).await;
    let waiting = poller.begin(&service).await;
    let mut gone = entered(&service, &Person::editor("emil")).await;
    gone.send("41").await;
    service.signal("TERM");
    assert_eq!(silent.closed().await, Some(1012));
    // It may have been told as somebody who is in, if its word came late.
    assert_eq!(gone.until_closed().await.1, Some(1012));
    let polled = answer(waiting).await;
    // Not the packet that closes: it shall come back.
    assert_eq!((polled.status, &*polled.body), (200, "6"));
    assert!(service.exited().await.success());
}

#[actix_web::test]
async fn a_token_that_ends_ends_the_session() {
    let service = Service::with(Settings::default().set("realtime.token_grace_ms", 0)).await;
    let (mut ws, _) = Ws::open(&service, PATH).await;
    let token = Person::editor("emil").token_for(std::time::Duration::from_secs(2));
    ws.send(&format!("40{}", json!({"token": token}))).await;
    let (texts, status) = ws.until_closed().await;
    assert!(texts.iter().any(|text| text.starts_with("42[\"token_expiring\",")), "{texts:?}");
    assert_eq!(status, Some(4002));
}

#[actix_web::test]
async fn who_breaks_the_protocol_is_told_so() {
    let service = Service::start().await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    ws.send("42{}").await;
    let (texts, status) = ws.until_closed().await;
    let told = "{\"code\":4400,\"reason\":\"protocol_error\"}]";
    assert_eq!(texts.last(), Some(&format!("42[\"disconnecting\",{told}")));
    assert_eq!(status, Some(4400));
}

#[actix_web::test]
async fn a_poll_that_is_broken_off_ends_the_presence() {
    let settings = Settings::default().set("realtime.presence_grace_ms", 0);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut watcher, _) = Client::enter(&service, &Person::viewer("watcher"), &room).await;
    let poller = polling(&service, &Person::editor("emil")).await;
    poller.post(&service, &ask(1, "join", &json!({"room": room}))).await;
    while !poller.poll(&service).await.contains("431[") {}
    let came = watcher.expect("presence").await;
    assert_eq!(came["joined"][0]["userId"], "emil", "{came}");

    drop(poller.begin(&service).await);
    let left = until("emil to be gone", async || {
        let frame = watcher.expect("presence").await;
        frame["left"].as_array().filter(|left| !left.is_empty()).cloned()
    })
    .await;
    assert_eq!(left[0]["userId"], "emil");
    poller.is_gone(&service).await;
}

#[actix_web::test]
async fn leaving_the_namespace_is_a_farewell_and_coming_back_a_new_session() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut watcher, _) = Client::enter(&service, &Person::viewer("watcher"), &room).await;
    let emil = Person::editor("emil");
    let mut ws = entered(&service, &emil).await;
    ws.send(&ask(1, "join", &json!({"room": room}))).await;
    reply(&mut ws, 1).await;
    ws.send("41").await;
    // Without the grace of a connection that broke.
    let left = until("emil to be gone", async || {
        let frame = watcher.expect("presence").await;
        frame["left"].as_array().filter(|left| !left.is_empty()).cloned()
    })
    .await;
    ws.send(&format!("40{}", json!({"token": emil.token()}))).await;
    assert!(ws.text().await.starts_with("40{\"sid\":"));
    let welcome = ws.text().await;
    assert!(welcome.starts_with("42[\"welcome\","), "{welcome}");
    assert!(!welcome.contains(left[0]["sessionId"].as_str().expect("an id")), "{welcome}");
}

#[actix_web::test]
async fn the_metrics_tell_the_transports_apart() {
    let service = Service::start().await;
    let _ws = entered(&service, &Person::editor("emil")).await;
    let poller = polling(&service, &Person::editor("erna")).await;
    let rest = service.rest(&Person::owner("olga"));
    let counts = async || {
        let text = String::from_utf8(rest.get("/metrics").await.body).expect("text");
        ["socketio", "polling"].map(|transport| {
            let line = format!("kyo_sessions{{transport=\"{transport}\"}} ");
            let count = text.lines().find_map(|found| found.strip_prefix(&line));
            count.and_then(|count| count.parse::<u32>().ok()).expect("a count")
        })
    };
    assert_eq!(counts().await, [1, 1]);
    let target = poller.target.replace("polling", "websocket");
    let mut upgraded = Ws::at(&service, &target).await;
    upgraded.send("2probe").await;
    assert_eq!(upgraded.text().await, "3probe");
    upgraded.send("5").await;
    until("the upgrade to be counted", async || (counts().await == [2, 0]).then_some(())).await;
}
