//! Whatever a client sends, the service answers or hangs up, and the others notice nothing.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Class, Client, End, Framing, Person, Service, within};

#[actix_web::test]
async fn nonsense_is_answered_and_harms_nobody() {
    let mut service = Service::start().await;
    let room = service.room().await;
    let (mut bystander, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let long_text = format!("{{\"type\":\"{}\"}}", "x".repeat(10_000));
    for nonsense in [
        "",
        " ",
        "{",
        "}",
        "null",
        "42",
        "[]",
        "\"join\"",
        "{}",
        "{\"type\":5}",
        "{\"type\":null}",
        "{\"type\":\"join\"}",
        "{\"type\":\"op\",\"room\":{}}",
        "\u{0}",
        "\u{feff}{}",
        &deep,
        &long_text,
        "{\"type\":\"join\",\"id\":\"seven\"}",
        "{\"id\":1e400,\"type\":\"ping\"}",
    ] {
        let mut client = native(&service).await;
        client.send_frame(Message::text(nonsense)).await.expect("it can be sent");
        answered_or_ended(&mut client, nonsense).await;
    }
    let mut client = native(&service).await;
    client.send_frame(Message::binary(vec![0xc1; 64])).await.expect("it can be sent");
    answered_or_ended(&mut client, "a binary frame on a text connection").await;
    bystander.acked(&room, Class::new("Yoga", 0).create()).await;
    assert!(service.is_running());
}

#[actix_web::test]
async fn requests_out_of_bounds_name_the_field() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let class = || Class::new("Yoga", 0);
    for (op, field) in [
        (class().with("title", json!("")).create(), "title"),
        (class().with("title", json!("x".repeat(201))).create(), "title"),
        (class().with("capacity", json!(0)).create(), "capacity"),
        (class().with("color", json!("red")).create(), "color"),
        (class().with("notes", json!("x".repeat(4_001))).create(), "notes"),
        (class().with("tags", json!(vec!["x"; 21])).create(), "tags"),
        (class().with("startsAt", json!("tomorrow")).create(), "startsAt"),
        (class().with("trainerId", json!("x".repeat(65))).create(), "trainerId"),
        (json!({"kind": "course_dance"}), "kind"),
        (json!({"kind": "template_save", "template": {"name": "w", "slots": 5}}), "slots"),
    ] {
        let error = emil.refused(&room, op, "invalid").await;
        let named = error["details"]["field"].as_str().unwrap_or_default();
        assert!(named.contains(field), "{named:?} should name {field}: {error}");
    }
    let upside_down = class().with("endsAt", json!(crate::support::at(0))).create();
    emil.refused(&room, upside_down, "invalid").await;
    let no_uuid = json!({"room": room, "opId": "once", "op": class().create()});
    assert_eq!(emil.request("op", no_uuid).await["code"], "invalid");
    assert_eq!(emil.acked(&room, class().create()).await["seq"], 1);
}

#[actix_web::test]
async fn unknown_messages_are_named_and_unknown_fields_ignored() {
    let service = Service::start().await;
    let mut client = Client::connect(&service, &Person::editor("emil")).await;
    assert_eq!(client.request("dance", json!({})).await["code"], "unknown_type");
    assert_eq!(client.request("ping", json!({"colour": [1, {}]})).await["type"], "pong");
}

#[actix_web::test]
async fn a_message_over_the_limit_ends_the_connection() {
    let service = Service::start().await;
    let mut client = native(&service).await;
    let fits = json!({"type": "ping", "id": 1, "padding": "x".repeat(65_000)}).to_string();
    client.send_frame(Message::text(fits)).await.expect("it can be sent");
    assert_eq!(client.reply(1).await["type"], "pong");
    let big = json!({"type": "ping", "id": 2, "padding": "x".repeat(66_000)}).to_string();
    client.send_frame(Message::text(big)).await.expect("it can be sent");
    assert_eq!(client.close_code().await, 1009);
}

#[actix_web::test]
async fn bytes_that_are_no_frames_end_only_their_own_connection() {
    let mut service = Service::start().await;
    let room = service.room().await;
    let (mut bystander, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    let reserved_opcode: &[u8] = &[0x8b, 0x80, 1, 2, 3, 4];
    let unmasked: &[u8] = &[0x81, 0x02, b'{', b'}'];
    let endless_ping: &[u8] = &[0x89, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let not_utf8: &[u8] = &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe];
    for bytes in [reserved_opcode, unmasked, endless_ping, not_utf8, &[0u8; 3]] {
        let client = Client::connect(&service, &Person::editor("emil")).await;
        let mut stream = client.into_stream();
        stream.write_all(bytes).await.expect("it can be written");
        stream.shutdown().await.expect("it can be ended");
    }
    bystander.acked(&room, Class::new("Yoga", 0).create()).await;
    assert!(service.is_running());
}

/// A native client, for frames that are not made by the client.
async fn native(service: &Service) -> Client {
    Client::connect_with(service, &Person::editor("emil"), Framing::Json).await
}

/// Nonsense gets an `error`, or a close in the range for hopeless protocol faults.
async fn answered_or_ended(client: &mut Client, nonsense: &str) {
    let answer = within("an answer to nonsense", client.any_message()).await;
    let shown: String = nonsense.chars().take(40).collect();
    match answer {
        Ok(error) => assert_eq!(error["type"], Value::from("error"), "{shown:?}: {error}"),
        Err(end) => {
            assert!(matches!(end, End::Closed(4400 | 1002 | 1003 | 1007, _)), "{shown:?}: {end:?}");
        }
    }
}

/// Found by `rolling`, seed 310567: a balancer that cuts a connection ends one direction before the
/// other, and clients were told that they are at fault, so that they stayed away.
#[actix_web::test]
async fn a_connection_that_breaks_off_is_no_fault_of_its_client() {
    let service = Service::start().await;
    for framing in [Framing::Json, Framing::SocketIo] {
        let client = Client::connect_with(&service, &Person::editor("ann"), framing).await;
        let mut stream = client.into_stream();
        stream.shutdown().await.expect("an open connection");
        let mut last_words = Vec::new();
        within("the service's end", stream.read_to_end(&mut last_words)).await.expect("an end");
        assert_eq!(last_words, b"", "{framing:?}");
    }
}
