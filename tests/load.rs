//! `kyo-load` against the real service: what it says was done is what the service has.

#[path = "support/mod.rs"]
mod support;

use std::process::{Command, Output};

use serde_json::Value;
use support::{PATIENCE, Person, SECRET, Service, Settings};

/// Runs it to its end, as a shell would.
async fn load(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kyo-load"));
    command.args(arguments).env("JWT_SECRET", SECRET);
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = tokio::time::timeout(PATIENCE, output).await.expect("it ends by itself");
    output.expect("no panic").expect("it was built with the tests")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SCENARIO: &str = r#"
    framing = "json,msgpack,socketio"
    rooms = 3
    editors = 2
    watchers = 3
    courses = 4
    source = "127.0.0.1-127.0.0.3"
    warm-up = 0

    [[phase]]
    name = "edits"
    seconds = 1
    edits = 40

    [[phase]]
    name = "people"
    seconds = 1
    edits = 0
    cursors = 60
    joins = 6
"#;

#[actix_web::test]
async fn what_it_reports_is_what_the_service_did() {
    let service = Service::with(Settings::unhurried()).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scenario = folder.path().join("scenario.toml");
    std::fs::write(&scenario, SCENARIO).expect("it is ours");
    let (scenario, address) = (scenario.to_string_lossy().into_owned(), service.address());
    let pid = format!("all={}", std::process::id());
    let arguments = ["--scenario", &scenario, "--target", &address, "--pid", &pid, "--json"];
    let output = load(&arguments).await;
    assert!(output.status.success(), "{}", told(&output));
    let results: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");

    assert_eq!(results["connecting"]["open"], 15, "{results}");
    assert_eq!(results["connecting"]["joins"]["count"], 15, "{results}");
    let edits = &results["phases"][0];
    // Five members of each room, the author too, get every operation, whatever their framing.
    for (name, count) in [("edits", 40), ("acked", 40), ("deliveries", 200), ("unsent", 0)] {
        assert_eq!(edits[name], count, "{name}: {results}");
    }
    assert_eq!(edits["refused"], serde_json::json!({}), "{results}");
    assert!(edits["processes"][0]["rss"].as_u64() > Some(1_000_000), "{results}");
    let people = &results["phases"][1];
    assert_eq!((&people["cursors"], &people["joined"]), (&60.into(), &6.into()), "{results}");
    assert!(people["cursorMs"]["count"].as_u64() > Some(0), "{results}");

    let owner = service.rest(&Person::owner("owner").of("load"));
    let rooms = owner.get("/api/collaboration/v1/rooms").await.expect(200);
    let rooms = rooms["items"].as_array().expect("a list").clone();
    let mut operations = 0;
    for room in &rooms {
        let room = room["room"].as_str().expect("an id");
        let path = format!("/api/collaboration/v1/rooms/{room}/snapshot");
        operations += owner.get(&path).await.expect(200)["seq"].as_u64().expect("a number");
    }
    // Besides, each room was filled by one.
    assert_eq!((rooms.len(), operations), (3, 43));
}

#[actix_web::test]
async fn what_can_not_be_done_is_said_and_told_by_the_exit_code() {
    let misused = load(&["--editors", "0"]).await;
    assert_eq!(misused.status.code(), Some(2));
    assert!(told(&misused).contains("edits and cursors need at least one"), "{}", told(&misused));

    // Nobody listens on a port that was just given back.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    drop(listener);
    let failed = load(&["--target", &address, "--system", "relay", "--seconds", "1"]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(told(&failed).contains("nobody could connect"), "{}", told(&failed));
}
