//! Requests that no well-behaved client sends: every one is answered, in order, and none of them
//! hurts.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Class, Client, Cluster, End, Person, new_id};

#[actix_web::test]
async fn requests_that_overtake_their_room_are_answered_in_order() {
    let cluster = Cluster::start(1).await;
    for _ in 0..10 {
        let room = cluster.room().await;
        let mut client = Client::connect(&cluster.replicas[0], &Person::editor("a")).await;
        let class = Class::new("Yoga", 0);
        let mut sent = Vec::new();
        for (kind, want) in [("join", "joined"), ("leave", "left"), ("join", "joined")] {
            sent.push((client.send(kind, json!({"room": room})).await, want));
        }
        let op = json!({"room": room, "opId": new_id(), "op": class.create()});
        sent.push((client.send("op", op).await, "ack"));
        sent.push((client.send("leave", json!({"room": room})).await, "left"));
        for (id, want) in sent {
            let reply = client.reply(id).await;
            assert_eq!(reply["type"], want, "{reply}");
        }
        assert_eq!(cluster.replicas[0].participants(&room).await, Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_message_in_fragments_is_one_message() {
    let cluster = Cluster::start(1).await;
    let mut client = Client::connect(&cluster.replicas[0], &Person::editor("a")).await;
    let text = json!({"type": "ping", "id": 77}).to_string().into_bytes();
    let frame = |bytes: &[u8], code, last| {
        Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(code), last))
    };
    client.send_frame(frame(&text[..5], Data::Text, false)).await.expect("open");
    client.send_frame(frame(&[], Data::Continue, false)).await.expect("open");
    // A control frame may come between.
    client.send_frame(Message::Ping(Vec::new().into())).await.expect("open");
    client.send_frame(frame(&text[5..9], Data::Continue, false)).await.expect("open");
    client.send_frame(frame(&text[9..], Data::Continue, true)).await.expect("open");
    assert_eq!(client.reply(77).await["type"], "pong");
}

#[actix_web::test]
async fn fragments_that_never_end_are_cut_off() {
    let cluster = Cluster::start(1).await;
    let mut client = Client::connect(&cluster.replicas[0], &Person::editor("a")).await;
    let piece = vec![b' '; 16 * 1024];
    for n in 0..6 {
        let code = OpCode::Data(if n == 0 { Data::Text } else { Data::Continue });
        let frame = Message::Frame(Frame::message(piece.clone(), code, false));
        if client.send_frame(frame).await.is_err() {
            break;
        }
    }
    let end = client.ended().await;
    assert!(matches!(end, End::Closed(1009, _)), "{end:?}");
}

#[actix_web::test]
async fn a_flood_of_any_request_is_slowed_and_then_let_go() {
    let cluster = Cluster::start(1).await;
    for kind in ["ping", "refresh", "history"] {
        let mut client = Client::connect(&cluster.replicas[0], &Person::editor("a")).await;
        let body = json!({"room": new_id(), "token": "no"});
        let (mut limited, mut end) = (0, None);
        for _ in 0..400 {
            let mut sent = Vec::new();
            for _ in 0..50 {
                sent.push(client.send(kind, body.clone()).await);
            }
            for id in sent {
                match client.try_reply(id).await {
                    Ok(reply) => limited += usize::from(reply["code"] == "rate_limited"),
                    Err(ended) => end = Some(ended),
                }
                if end.is_some() {
                    break;
                }
            }
            if end.is_some() {
                break;
            }
        }
        assert!(limited > 0, "{kind} is not limited");
    }
}

#[actix_web::test]
async fn numbers_at_their_ends_are_answered() {
    let cluster = Cluster::start(1).await;
    let room = cluster.room().await;
    let (mut client, _) = Client::enter(&cluster.replicas[0], &Person::owner("a"), &room).await;
    let class = Class::new("Yoga", 0);
    client.acked(&room, class.create()).await;
    for seq in [0, 1, 2, i64::MAX as u64, u64::MAX] {
        for limit in [0, 1, 500, 501, u64::MAX] {
            for side in ["before", "after"] {
                let page = json!({"room": room, side: seq, "limit": limit});
                let reply = client.request("history", page).await;
                let fine = (1..=500).contains(&limit);
                let busy = reply["code"] == "rate_limited";
                assert!(busy || (reply["type"] == "history") == fine, "{side} {seq} {limit}");
            }
        }
    }
    let mut client = Client::connect(&cluster.replicas[0], &Person::owner("a")).await;
    for seq in [0, 1, u64::MAX] {
        for epoch in [i64::MIN, 0, i64::MAX] {
            client.rejoin(&room, &json!(epoch), seq).await;
        }
        let reply = client.request("snapshot", json!({"room": room, "seq": seq})).await;
        assert_eq!(reply["type"] == "snapshot", seq < 2, "{reply}");
        let restored = client.op(&room, json!({"kind": "restore", "seq": seq})).await;
        assert!(["ack", "error"].contains(&restored["type"].as_str().unwrap_or("")), "{restored}");
        let ttl = json!({"room": room, "courseId": class.id(), "ttlMs": seq});
        let locked = client.request("lock", ttl).await;
        assert_eq!(locked["code"] == "invalid", seq == 0, "{locked}");
        let unlock = json!({"room": room, "courseId": class.id(), "token": seq});
        let unlocked = client.request("unlock", unlock).await;
        assert_eq!(unlocked["type"] == "unlocked", locked["token"] == seq, "{unlocked}");
    }
    let _: Value = client.snapshot(&room, None).await;
}
