//! What is too large, and who is too slow.

use serde_json::json;

use super::{ask, entered, polling};
use crate::support::{Class, Client, Person, Replica, Service, Settings, until};

#[actix_web::test]
async fn messages_over_the_limit_are_refused_on_both_transports() {
    let service = Service::start().await;
    let poller = polling(&service, &Person::editor("emil")).await;
    let padded = |bytes: usize| {
        let frame = |padding: &str| format!("420[\"ping\",{{\"padding\":\"{padding}\"}}]");
        frame(&"x".repeat(bytes - frame("").len()))
    };
    assert_eq!(poller.try_post(&service, &padded(65_537)).await.status, 413);
    poller.post(&service, &padded(65_536)).await;
    assert!(poller.poll(&service).await.starts_with("430[{\"type\":\"pong\""));

    let mut ws = entered(&service, &Person::editor("emil")).await;
    // The packet type counts: one byte more is the message itself.
    ws.send(&padded(65_536)).await;
    assert_eq!(super::reply(&mut ws, 0).await["type"], "pong");
    ws.send(&padded(65_537)).await;
    let (_, status) = ws.until_closed().await;
    assert_eq!(status, Some(1009));
}

#[actix_web::test]
async fn a_poller_that_stays_away_costs_bounded_memory_and_is_let_go() {
    let settings = Settings::unhurried()
        .set("realtime.outbox_bytes", 262_144)
        .set("realtime.presence_grace_ms", 0);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (mut writer, joined) = Client::enter(&service, &Person::editor("writer"), &room).await;
    let mut replica = Replica::of(&joined);
    let yoga = Class::new("Yoga", 0);
    writer.acked(&room, yoga.create()).await;
    let mut stuck = Vec::new();
    for n in 0..4 {
        let poller = polling(&service, &Person::viewer(&format!("slow-{n}"))).await;
        poller.post(&service, &ask(1, "join", &json!({"room": room}))).await;
        stuck.push(poller);
    }
    let before = service.rss_kib();
    let rest = service.rest(&Person::owner("olga"));
    let path = format!("/api/collaboration/v1/rooms/{room}/participants");
    let mut round = 0;
    until("the pollers to be let go", async || {
        for _ in 0..10 {
            round += 1;
            let letter = char::from(b'a' + (round % 26) as u8).to_string();
            let notes = json!({"notes": letter.repeat(4_000)});
            let ack = writer.acked(&room, yoga.update(notes)).await;
            replica.follow(&mut writer, ack["seq"].as_u64().expect("committed")).await;
        }
        let people = rest.get(&path).await.expect(200)["items"].to_string();
        (!people.contains("slow")).then_some(())
    })
    .await;
    let grown = service.rss_kib().saturating_sub(before) / 1024;
    assert!(grown < 32, "{grown} MiB for clients that do not poll, after {round} rounds");
    for poller in stuck {
        let last = poller.poll(&service).await;
        let packets: Vec<_> = last.split('\x1e').collect();
        let told = "{\"code\":4009,\"reason\":\"slow_consumer\"}]";
        let expected = ["closing", "disconnecting"].map(|name| format!("42[\"{name}\",{told}"));
        assert_eq!(packets[packets.len() - 2..], expected);
        poller.is_gone(&service).await;
    }
}
