//! How messages and replies are framed.

use serde_json::json;

use super::{ask, entered, reply};
use crate::support::{Class, Person, Service, new_id};

#[actix_web::test]
async fn a_reply_is_the_one_argument_of_the_acknowledgement() {
    let service = Service::start().await;
    let room = service.room().await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    ws.send(&ask(0, "join", &json!({"room": room}))).await;
    let joined = reply(&mut ws, 0).await;
    assert_eq!((&joined["type"], &joined["room"]), (&json!("joined"), &json!(room)));
    let op_id = new_id();
    let op = json!({"room": room, "opId": op_id, "op": Class::new("Yoga", 0).create()});
    ws.send(&ask(9_007_199_254_740_991, "op", &op)).await;
    let ack = reply(&mut ws, 9_007_199_254_740_991).await;
    assert_eq!(
        (&ack["type"], &ack["opId"], &ack["seq"]),
        (&json!("ack"), &json!(op_id), &json!(1))
    );
    assert!(ack["re"].is_null(), "{ack}");
}

#[actix_web::test]
async fn what_is_no_message_is_answered_and_the_connection_goes_on() {
    let service = Service::start().await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    for (sent, code) in [
        ("421[\"dance\",{}]", "unknown_type"),
        ("421[\"join\"]", "invalid"),
        ("421[\"join\",5]", "invalid"),
        ("421[\"join\",{},{}]", "invalid"),
        ("421[\"authenticate\",{\"token\":\"x\"}]", "invalid"),
    ] {
        ws.send(sent).await;
        let error = reply(&mut ws, 1).await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!(code)), "{sent}");
    }
    ws.send("451-2[\"join\",{\"room\":{\"_placeholder\":true,\"num\":0}}]").await;
    ws.send_binary(b"room").await;
    assert_eq!(reply(&mut ws, 2).await["code"], "invalid");
    for without_fields in ["423[\"ping\"]", "423[\"ping\",null]", "423[\"ping\",{}]"] {
        ws.send(without_fields).await;
        assert_eq!(reply(&mut ws, 3).await["type"], "pong", "{without_fields}");
    }
}

#[actix_web::test]
async fn who_awaits_no_acknowledgement_is_answered_by_an_event() {
    let service = Service::start().await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    ws.send("42[\"ping\"]").await;
    assert!(ws.text().await.starts_with("42[\"pong\",{\"serverTime\":"));
    ws.send("42[\"dance\",{}]").await;
    assert!(ws.text().await.starts_with("42[\"error\",{\"code\":\"unknown_type\""));
}

#[actix_web::test]
async fn what_has_no_reply_is_acknowledged_without_a_word() {
    let service = Service::start().await;
    let room = service.room().await;
    let mut ws = entered(&service, &Person::editor("emil")).await;
    ws.send(&ask(1, "join", &json!({"room": room}))).await;
    reply(&mut ws, 1).await;
    ws.send(&ask(2, "cursor_move", &json!({"room": room, "x": 1, "y": 2}))).await;
    while ws.text().await != "432[]" {}
}
