//! A polite stop: everybody is told, nothing acked is lost, and the process leaves with success.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Class, Client, End, Person, Replica, Service, Settings, new_id, until};

#[actix_web::test]
async fn on_sigterm_everybody_is_told_and_the_process_leaves_cleanly() {
    let settings = Settings::unhurried().set("drain.deadline_ms", 3_000);
    let mut service = Service::with(settings).await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    replica.follow(&mut emil, 1).await;

    service.signal("TERM");
    let told = emil.expect("draining").await;
    assert!(told["reconnectAfterMs"].is_u64() && told["deadlineMs"].is_u64(), "{told}");
    let end = emil.ended().await;
    assert!(matches!(end, End::Closed(1001 | 1012, _)), "{end:?}");
    assert!(service.exited().await.success(), "the exit code of a drained service is 0");

    service.restart().await;
    let mut emil = Client::connect(&service, &Person::editor("emil")).await;
    let joined = emil.rejoin(&room, &replica.epoch, 1).await;
    assert_eq!(joined["sync"], "current");
}

#[actix_web::test]
async fn what_is_acked_while_draining_is_kept_and_the_rest_can_be_repeated() {
    let settings = Settings::unhurried().set("drain.deadline_ms", 3_000);
    let mut service = Service::with(settings).await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    service.signal("TERM");
    emil.expect("draining").await;

    let (mut hour, mut ops) = (0, Vec::new());
    loop {
        let (op_id, op) = (new_id(), Class::new("Spin", hour).create());
        let message = json!({"room": room, "opId": op_id, "op": op});
        let id = emil.send("op", message.clone()).await;
        let reply = emil.try_reply(id).await;
        let ended = reply.is_err();
        ops.push((message, reply.ok().filter(|reply| reply["type"] == "ack")));
        hour += 1;
        if ended {
            break;
        }
    }
    assert!(service.exited().await.success());

    service.restart().await;
    let mut emil = Client::connect(&service, &Person::editor("emil")).await;
    emil.rejoin(&room, &joined["epoch"], 0).await;
    for (message, acked) in ops {
        let ack = emil.request("op", message).await;
        assert_eq!(ack["type"], "ack", "{ack}");
        if let Some(first) = acked {
            assert_eq!((&ack["seq"], &ack["duplicate"]), (&first["seq"], &json!(true)));
        }
    }
    assert_eq!(emil.snapshot(&room, None).await["seq"], hour);
}

#[actix_web::test]
async fn a_request_that_is_under_way_is_answered() {
    let mut service = Service::start().await;
    let token = Person::owner("olga").token();
    let body = json!({"name": "Hall", "timezone": "Europe/Berlin"}).to_string();
    let (first, rest) = body.split_at(10);
    let head = format!(
        "POST /api/collaboration/v1/rooms HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(service.address()).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("it reads");
    // So it has been taken up before the signal (RFC 9110, section 10.1.1).
    let mut heard = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut heard).await.expect("it wants the body");
    assert!(heard.starts_with(b"HTTP/1.1 100 "), "{}", String::from_utf8_lossy(&heard));
    stream.write_all(first.as_bytes()).await.expect("it reads");
    service.signal("TERM");
    until("the drain", async || service.logs().contains("drained").then_some(())).await;
    stream.write_all(rest.as_bytes()).await.expect("it still reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(service.exited().await.success());
}
