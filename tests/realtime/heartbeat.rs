//! A client that has gone silent is let go; one that answers stays.

use serde_json::json;

use crate::support::{Client, Person, Service, Settings, until};

#[actix_web::test]
async fn silence_ends_a_connection_and_an_answer_keeps_it() {
    let settings = Settings::default()
        .set("realtime.ping_interval_ms", 1_000)
        .set("realtime.ping_timeout_ms", 1_000)
        .set("realtime.presence_grace_ms", 0);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut silent, _) = Client::enter(&service, &Person::viewer("silent"), &room).await;
    let (mut lively, _) = Client::enter(&service, &Person::editor("lively"), &room).await;

    // Pings are answered only while a client reads; the silent one does not.
    let rest = service.rest(&Person::owner("olga"));
    let path = format!("/api/collaboration/v1/rooms/{room}/participants");
    until("the silent one to be let go", async || {
        let pong = lively.request("ping", json!({})).await;
        assert!(pong["serverTime"].is_string(), "{pong}");
        let people = rest.get(&path).await.expect(200)["items"].to_string();
        (!people.contains("silent")).then_some(())
    })
    .await;
    assert_eq!(silent.close_code().await, 4008);
    assert_eq!(lively.request("ping", json!({})).await["type"], "pong");
}
