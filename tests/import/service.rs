//! The command against a running service: what it prints, how it exits, and that doing it again
//! changes nothing.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Person, Service};

/// Two good rows, one that clashes with the first, one that ends before it starts.
const FILE: &str = "\
title,start,end,trainer
Yoga,2026-01-05 09:00,2026-01-05 10:00,mei
Spin,2026-01-05 09:30,2026-01-05 10:30,mei
Box,2026-01-05 11:00,2026-01-05 12:00,mei
Late,2026-01-05 13:00,2026-01-05 12:00,mei
";

fn import(service: &Service, file: &str, more: &[&str]) -> Output {
    let home = TempDir::new().expect("a temporary folder");
    let path: PathBuf = home.path().join("classes.csv");
    fs::write(&path, file).expect("is writable");
    Command::new(env!("CARGO_BIN_EXE_kyo-collaboration"))
        .current_dir(home.path())
        .arg("import")
        .arg(&path)
        .args(["--room-name", "Hall", "--timezone", "Europe/Berlin", "--overlap", "forbid"])
        .args([
            "--url",
            &format!("http://{}", service.address()),
            "--token",
            &Person::owner("olga").token(),
        ])
        .args(more)
        .output()
        .expect("the binary runs")
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

async fn titles(service: &Service) -> Vec<String> {
    let rest = service.rest(&Person::owner("olga"));
    let rooms = rest.get("/api/collaboration/v1/rooms").await.expect(200);
    assert_eq!(rooms["items"].as_array().map(Vec::len), Some(1), "{rooms}");
    let room = rooms["items"][0]["room"].as_str().expect("an id");
    let path = format!("/api/collaboration/v1/rooms/{room}/snapshot");
    let snapshot = rest.get(&path).await.expect(200);
    let courses = snapshot["state"]["courses"].as_array().expect("courses");
    let title = |course: &Value| course["title"].as_str().expect("a title").to_owned();
    let mut titles: Vec<String> = courses.iter().map(title).collect();
    titles.sort();
    titles
}

#[actix_web::test]
async fn bad_rows_stay_out_by_number_and_the_rest_goes_in_once() {
    let service = Service::start().await;
    let first = import(&service, FILE, &[]);
    let text = printed(&first);
    assert!(first.status.success(), "{text}");
    assert!(text.contains("row 3: refused by the service: "), "{text}");
    assert!(text.contains("Yoga at 2026-01-05T08:00:00Z"), "{text}");
    assert!(text.contains("row 5: endsAt must be"), "{text}");
    assert!(text.contains("2 sessions imported, 0 already there, 2 rows refused"), "{text}");
    assert_eq!(titles(&service).await, ["Box", "Yoga"]);

    let second = import(&service, FILE, &["--strict"]);
    let text = printed(&second);
    assert_eq!(second.status.code(), Some(3), "{text}");
    assert!(text.contains("0 sessions imported, 2 already there, 2 rows refused"), "{text}");
    assert_eq!(titles(&service).await, ["Box", "Yoga"]);
}

#[actix_web::test]
async fn a_row_put_in_between_moves_no_other() {
    let service = Service::start().await;
    import(&service, FILE, &[]);
    let (head, rest) = FILE.split_once('\n').expect("has a header");
    let longer = format!("{head}\nAqua,2026-01-05 07:00,2026-01-05 08:00,mei\n{rest}");
    let text = printed(&import(&service, &longer, &[]));
    assert!(text.contains("1 sessions imported, 2 already there, 2 rows refused"), "{text}");
    assert_eq!(titles(&service).await, ["Aqua", "Box", "Yoga"]);
}

#[actix_web::test]
async fn a_dry_run_sends_nothing() {
    let service = Service::start().await;
    let text = printed(&import(&service, FILE, &["--dry-run"]));
    assert!(text.contains("Hall: would get 3 sessions"), "{text}");
    let rest = service.rest(&Person::owner("olga"));
    let rooms = rest.get("/api/collaboration/v1/rooms").await.expect(200);
    assert_eq!(rooms["items"].as_array().map(Vec::len), Some(0), "{rooms}");
}
