//! A replica that goes away hands its clients over at a rate: each at a moment of its own, closed so
//! that it comes back, and whoever does not take even that is cut. What it tells meanwhile.

use std::process::Command;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::{Class, Client, End, Framing, Open, Person, Service, Settings, until};

const DEADLINE: Duration = Duration::from_secs(8);
/// Half of the deadline.
const SPREAD_MS: u64 = 4_000;

fn settings() -> Settings {
    let settings = Settings::unhurried().set("telemetry.format", "json");
    settings.set("drain.deadline_ms", DEADLINE.as_millis())
}

/// What was said to a client, and how and when its connection ended.
struct Left {
    told: Value,
    end: End,
    at: Instant,
}

async fn leave(mut client: Client) -> Left {
    let told = client.expect("draining").await;
    let end = client.ended().await;
    Left { told, end, at: Instant::now() }
}

#[actix_web::test]
async fn each_client_leaves_at_its_own_moment_and_the_moments_are_evenly_spread() {
    let mut service = Service::with(settings()).await;
    let mut clients = Vec::new();
    for n in 0..10 {
        let framing = [Framing::Json, Framing::MsgPack, Framing::SocketIo][n % 3];
        let person = Person::viewer(&format!("guest-{n}"));
        clients.push(Client::connect_with(&service, &person, framing).await);
    }
    let began = Instant::now();
    service.signal("TERM");
    let left = join_all(clients.into_iter().map(leave)).await;
    let mut moments = Vec::new();
    for Left { told, end, at } in left {
        assert!(matches!(end, End::Closed(1012, _)), "{end:?} {told}");
        let moment = told["reconnectAfterMs"].as_u64().expect("its moment");
        assert!(at - began >= Duration::from_millis(moment), "closed before its moment: {told}");
        assert!(told["deadlineMs"].as_u64().expect("the end") > SPREAD_MS, "{told}");
        moments.push(moment);
    }
    moments.sort_unstable();
    let even: Vec<u64> = (0..10).map(|index| index * SPREAD_MS / 10).collect();
    assert_eq!(moments, even);
    assert!(service.exited().await.success());
}

#[actix_web::test]
async fn a_drain_tells_probes_metrics_and_the_log_how_far_it_is() {
    let mut service = Service::with(settings()).await;
    let mut clients = Vec::new();
    for name in ["emil", "erna"] {
        clients.push(Client::connect(&service, &Person::editor(name)).await);
    }
    let rest = service.rest_with(None);
    assert_eq!(metrics(&service, "kyo_drain_step{step=\"sessions\"}").await, 0.0);
    assert!(healthcheck(&service).await, "it serves");

    service.signal("TERM");
    until("the drain", async || {
        (metrics(&service, "kyo_drain_step{step=\"sessions\"}").await == 1.0).then_some(())
    })
    .await;
    let ready = rest.get("/ready").await;
    assert_eq!((ready.status, &ready.json()["status"]), (503, &json!("draining")));
    assert_eq!(rest.get("/live").await.status, 200);
    assert!(!healthcheck(&service).await, "nobody new should come");
    assert_eq!(metrics(&service, "kyo_drain_notices_total{notice=\"sigterm\"}").await, 1.0);
    assert_eq!(metrics(&service, "kyo_drain_notices_total{notice=\"operator\"}").await, 0.0);
    assert_eq!(metrics(&service, "kyo_drain_sessions_told_total").await, 2.0);
    let left = metrics(&service, "kyo_drain_left_seconds").await;
    assert!(left > 0.0 && left <= DEADLINE.as_secs_f64(), "{left}");
    until("the first to be gone", async || {
        (metrics(&service, "kyo_drain_sessions_remaining").await == 1.0).then_some(())
    })
    .await;

    drop(clients);
    assert!(service.exited().await.success());
    let line = |message: &str| line(&service.logs(), message);
    assert_eq!(line("draining")["notice"], "sigterm");
    let drained = line("drained");
    assert_eq!((&drained["notice"], &drained["sessions.cut"]), (&json!("sigterm"), &json!(0)));
}

#[actix_web::test]
async fn who_does_not_even_read_its_close_is_cut_at_the_end_and_counted() {
    let settings = settings().set("realtime.outbox_bytes", 1 << 30);
    let mut service = Service::with(settings.set("realtime.outbox_frames", 65_536)).await;
    let room = service.room().await;
    let token = Some(Person::viewer("deaf").token());
    let open = Open { token, receive_buffer: Some(8_192), ..Open::default() };
    let mut deaf = Client::open(&service, open).await.expect("an open door");
    deaf.expect("welcome").await;
    deaf.join(&room).await;
    fill(&service, &room).await;

    service.signal("TERM");
    assert!(service.exited().await.success());
    assert_eq!(line(&service.logs(), "drained")["sessions.cut"], 1);
}

/// Has so much said in a room that whoever does not read is behind by more than any network takes.
async fn fill(service: &Service, room: &str) {
    let (mut writer, _) = Client::enter(service, &Person::editor("writer"), room).await;
    let classes: Vec<_> = (0..12).map(|n| Class::new("Spin", n)).collect();
    let batch = |ops: Vec<Value>| json!({"kind": "batch", "ops": ops});
    writer.acked(room, batch(classes.iter().map(Class::create).collect())).await;
    let mut letters = ('a'..='z').cycle();
    while metrics(service, "kyo_outbox_depth_max").await < 64.0 {
        let letter = letters.next().map(String::from).unwrap_or_default();
        let patch = json!({"notes": letter.repeat(4_000)});
        let ops = classes.iter().map(|one| one.update(patch.clone())).collect();
        writer.acked(room, batch(ops)).await;
    }
}

#[actix_web::test]
async fn the_signal_that_follows_another_notice_does_not_end_the_hand_over() {
    let mut service = Service::with(settings().set("operator.tenant", "hq")).await;
    let mut clients = Vec::new();
    for name in ["emil", "erna"] {
        clients.push(Client::connect(&service, &Person::editor(name)).await);
    }
    let hq = service.rest(&Person::operator("ecs").of("hq"));
    let wish = json!({"reason": "the task goes", "notice": "event"});
    hq.post("/api/collaboration/v1/operator/drain", &wish).await.expect(202);
    until("the drain", async || service.logs().contains("draining").then_some(())).await;
    service.signal("TERM");
    for Left { end, .. } in join_all(clients.into_iter().map(leave)).await {
        assert!(matches!(end, End::Closed(1012, _)), "{end:?}");
    }
    assert!(service.exited().await.success());
    assert_eq!(line(&service.logs(), "drained")["notice"], "event");
}

/// The value of one series.
async fn metrics(service: &Service, series: &str) -> f64 {
    let text = service.rest_with(None).get("/metrics").await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {series} in {text}"))
}

/// Whether the image's own check says that the service can serve.
async fn healthcheck(service: &Service) -> bool {
    let port = service.address().rsplit(':').next().expect("a port").to_owned();
    let check = actix_web::web::block(move || {
        Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"))
            .arg("healthcheck")
            .env("PORT", port)
            .output()
    });
    check.await.expect("a thread").expect("the binary was built").status.success()
}

/// The line with this message.
fn line(log: &str, message: &str) -> Value {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let fields =
        |line: Value| Some(line["fields"].clone()).filter(|all| !all.is_null()).unwrap_or(line);
    let found = lines.map(fields).find(|line| line["message"] == message);
    found.unwrap_or_else(|| panic!("no {message:?} in {log}"))
}
