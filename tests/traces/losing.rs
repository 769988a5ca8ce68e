//! A collector that is not there, or does not answer, costs spans and nothing else.

use std::net::TcpListener;

use serde_json::json;

use crate::collector::{Collector, settings};
use crate::support::{Class, Client, Person, Service, new_id, until, within};

/// How many spans came to this end.
async fn spans(service: &Service, fate: &str) -> u64 {
    let metrics = service.rest(&Person::owner("ops")).get("/metrics").await.text();
    let row = format!("kyo_trace_spans_total{{fate=\"{fate}\"}} ");
    let count = metrics.lines().find_map(|line| line.strip_prefix(&row));
    count.expect("it is in the catalogue").parse().expect("a number")
}

async fn lost(service: &Service, fate: &str) {
    until(fate, async || (spans(service, fate).await > 0).then_some(())).await;
}

#[actix_web::test]
async fn a_collector_that_is_down_costs_spans_alone() {
    let collector = Collector::start().await;
    let service = Service::with(collector.settings("1")).await;
    let room = service.room().await;
    let (mut client, _) = Client::enter(&service, &Person::editor("anna"), &room).await;
    collector.span("join").await;
    collector.stop().await;
    client.acked(&room, Class::new("Spinning", 1).create()).await;
    lost(&service, "failed").await;
    client.acked(&room, Class::new("Pilates", 3).create()).await;
    assert!(spans(&service, "exported").await > 0);
    until("a word about it", async || {
        service.logs().contains("the collector does not take spans").then_some(())
    })
    .await;
}

/// It takes the connection and then says nothing, which is what fills queues.
#[actix_web::test]
async fn spans_that_find_the_queue_full_are_dropped_and_counted() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("bound").to_string();
    let mut service = Service::with(settings(&address, "1")).await;
    let room = service.room().await;
    let (mut client, _) = Client::enter(&service, &Person::editor("anna"), &room).await;
    let mut hour = 0;
    within("a full queue", async {
        while spans(&service, "dropped").await == 0 {
            hour = flood(&mut client, &room, hour).await;
        }
    })
    .await;
    assert_eq!(spans(&service, "exported").await, 0);
    client.acked(&room, Class::new("The last one", hour + 2).create()).await;
    // Nor does it keep the service from ending in time.
    service.signal("TERM");
    drop(client);
    assert!(service.exited().await.success());
}

/// A few hundred operations at once, all of them acked.
async fn flood(client: &mut Client, room: &str, mut hour: u32) -> u32 {
    let mut asked = Vec::new();
    for _ in 0..200 {
        let op = Class::new("Spinning", hour % 1_000).create();
        asked.push(client.send("op", json!({"room": room, "opId": new_id(), "op": op})).await);
        hour += 2;
    }
    for id in asked {
        let ack = client.reply(id).await;
        assert_eq!(ack["type"], "ack", "{ack}");
    }
    hour
}
