//! What a file would bring into a room, before anybody decides.

use serde_json::{Value, json};

use crate::V1;
use crate::support::{Person, Service};

const FILE: &str = "\
Date,Class,From,To,Coach,Room
2026-01-05,Yoga,9:00,10:00,Mei,Blue
2026-01-05,Spin,9:00,8:00,Kenji,Red
2026-01-06,Yoga,9:00,10:00,Mei,Blue
";

#[actix_web::test]
async fn a_file_is_previewed_sent_and_then_there() {
    let service = Service::start().await;
    let room = service.room().await;
    let (import, ops) = (format!("{V1}/rooms/{room}/import"), format!("{V1}/rooms/{room}/ops"));
    let emil = service.rest(&Person::editor("emil"));
    let wish = json!({"format": "csv", "text": FILE});
    let vera = service.rest(&Person::viewer("vera"));
    vera.post(&import, &wish).await.expect_error(403, "forbidden");
    let shown = emil.post(&import, &wish).await.expect(200);
    assert_eq!(shown["mapping"]["start"], "{Date} {From}");
    assert_eq!(shown["missing"], json!([]));
    assert_eq!(shown["courses"][0]["course"]["startsAt"], "2026-01-05T08:00:00Z", "{shown}");
    assert_eq!(shown["problems"][0]["line"], 3);
    assert_eq!(shown["problems"][0]["field"], "endsAt");
    assert_eq!(emil.post(&import, &wish).await.expect(200), shown, "the same each time");
    let seq = async || emil.get(&format!("{V1}/rooms/{room}")).await.expect(200)["seq"].clone();
    assert_eq!(seq().await, 0, "nothing was changed");

    let bodies: Vec<Value> = shown["ops"].as_array().expect("bodies").clone();
    for (repeat, body) in
        bodies.iter().map(|body| (false, body)).chain(bodies.iter().map(|body| (true, body)))
    {
        assert_eq!(emil.post(&ops, body).await.expect(200)["duplicate"], repeat);
    }
    let again = emil.post(&import, &wish).await.expect(200);
    assert_eq!(again["ops"], json!([]));
    assert_eq!(again["courses"][1]["exists"], true);
}

#[actix_web::test]
async fn what_cannot_be_read_says_why() {
    let service = Service::start().await;
    let room = service.room().await;
    let import = format!("{V1}/rooms/{room}/import");
    let emil = service.rest(&Person::editor("emil"));
    let field = async |wish: Value| {
        let error = emil.post(&import, &wish).await.expect_error(422, "invalid");
        error["details"]["field"].clone()
    };
    assert_eq!(field(json!({"format": "xls", "text": FILE})).await, "format");
    assert_eq!(field(json!({"format": "ics", "text": FILE})).await, "text");
    let wish = json!({"format": "csv", "text": FILE, "mapping": {"title": "{Nope}"}});
    assert_eq!(field(wish).await, "mapping");
    assert_eq!(
        field(json!({"format": "csv", "text": FILE, "timezone": "Mars/Base"})).await,
        "timezone"
    );
    let partial =
        emil.post(&import, &json!({"format": "csv", "text": "a,b\n1,2\n"})).await.expect(200);
    assert_eq!(partial["missing"], json!(["title", "start", "end"]));
    let large = json!({"format": "csv", "text": "x".repeat(3 << 20)});
    emil.post(&import, &large).await.expect_error(413, "too_large");
}
