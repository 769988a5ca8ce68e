//! What load balancers and alarms ask.

use serde_json::json;

use crate::support::{Client, Person, Service, Settings};

#[actix_web::test]
async fn probes_answer_without_a_token() {
    let service = Service::start().await;
    let nobody = service.rest_with(None);
    for path in ["/health", "/live", "/ready"] {
        assert_eq!(nobody.get(path).await.status, 200, "{path}");
    }
    let deps = nobody.get("/health/deps").await.expect(200);
    assert_eq!((&deps["status"], &deps["database"]["state"]), (&json!("up"), &json!("up")));
    assert_eq!(deps["bus"]["state"], "alone", "a replica on the embedded default: {deps}");
}

#[actix_web::test]
async fn metrics_are_in_the_prometheus_format() {
    let service = Service::start().await;
    let room = service.room().await;
    let (_client, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let answer = service.rest_with(None).get("/metrics").await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    assert!(text.contains("# HELP ") && text.contains("# TYPE "), "{text}");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let value = line.rsplit(' ').next().unwrap_or_default();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    let connections: f64 = text
        .lines()
        .filter(|line| line.starts_with("kyo_db_connections{"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum();
    assert!(connections > 0.0, "the database's connections are not counted: {text}");
    assert!(!text.contains("north") && !text.contains(&room), "a label tells of a tenant or room");
}

#[actix_web::test]
async fn a_draining_service_is_neither_ready_nor_healthy() {
    let service = Service::with(Settings::default().set("drain.deadline_ms", 5_000)).await;
    let (mut client, _) =
        Client::enter(&service, &Person::editor("emil"), &service.room().await).await;
    service.signal("TERM");
    client.expect("draining").await;
    let nobody = service.rest_with(None);
    for path in ["/ready", "/health"] {
        // Refusing the connection says the same to a load balancer.
        if let Ok(answer) = nobody.try_get(path).await {
            assert_eq!(answer.status, 503, "{path}");
        }
    }
}
