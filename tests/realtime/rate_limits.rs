//! Who asks too fast is told when to ask again, and what was refused did not happen.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Class, Client, Framing, Person, Service, Settings, new_id, until, within};

#[actix_web::test]
async fn operations_over_the_limit_are_not_applied_and_can_be_repeated() {
    let limits = Settings::default().set("limits.ops_per_second", 1).set("limits.ops_burst", 3);
    let service = Service::with(limits).await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut erna, _) = Client::enter(&service, &Person::editor("erna"), &room).await;
    assert_eq!(emil.welcome["limits"]["opsPerSecond"], 1);

    let mut sent = Vec::new();
    for hour in 0..30 {
        let (op_id, op) = (new_id(), Class::new("Spin", hour).create());
        let message = json!({"room": room, "opId": op_id, "op": op});
        sent.push((emil.send("op", message.clone()).await, message));
    }
    let (mut acked, mut limited) = (0, Vec::new());
    for (id, message) in sent {
        let reply = emil.reply(id).await;
        match reply["type"].as_str() {
            Some("ack") => acked += 1,
            _ => {
                assert_eq!(reply["code"], "rate_limited", "{reply}");
                assert_eq!(reply["retryable"], true, "{reply}");
                assert!(reply["retryAfterMs"].as_u64().is_some_and(|ms| ms > 0), "{reply}");
                limited.push(message);
            }
        }
    }
    assert!(acked >= 3 && !limited.is_empty(), "{acked} acked, {} refused", limited.len());

    // Nobody else pays for it, and the log holds exactly what was acked.
    let ack = erna.acked(&room, Class::new("Yoga", 99).create()).await;
    assert_eq!(ack["seq"], acked + 1, "a refused operation was applied");
    let again = when_allowed(&mut emil, limited[0].clone()).await;
    assert_eq!((&again["seq"], &again["duplicate"]), (&json!(acked + 2), &json!(false)));
}

#[actix_web::test]
async fn who_does_not_listen_to_refusals_is_let_go() {
    let limits = Settings::default().set("limits.ops_per_second", 1).set("limits.ops_burst", 1);
    let service = Service::with(limits).await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    for hour in 0..1_000 {
        let op = Class::new("Spin", hour).create();
        emil.send("op", json!({"room": room, "opId": new_id(), "op": op})).await;
    }
    assert_eq!(emil.close_code().await, 4029);
}

/// A flood of them was decoded whole before each was refused: the refusal cost everybody else as much as
/// doing it.
#[actix_web::test]
async fn a_long_message_beyond_the_tenants_share_is_refused_before_it_is_decoded() {
    let limits =
        Settings::default().set("limits.ops_per_second", 1).set("limits.tenant_ops_per_second", 1);
    let service = Service::with(limits).await;
    for framing in [Framing::Json, Framing::MsgPack, Framing::SocketIo] {
        let room = service.room().await;
        let erna = Person::editor("erna");
        let mut erna = Client::connect_with(&service, &erna, framing).await;
        erna.join(&room).await;
        let yoga = Class::new("Yoga", 1).with("notes", json!("x".repeat(3_000)));
        let both = [yoga.create(), yoga.update(json!({"notes": "y".repeat(3_000)}))];
        let op = || {
            let batch = json!({"kind": "batch", "ops": both});
            json!({"room": room, "opId": new_id(), "op": batch})
        };
        // Not an operation at all, but as long: nobody looks.
        let nothing = json!({"room": room, "opId": 7, "op": "x".repeat(10_000)});
        let refused = until("the share to be used up", async || {
            let sent = [erna.send("op", op()).await, erna.send("op", nothing.clone()).await];
            let both = [erna.reply(sent[0]).await, erna.reply(sent[1]).await];
            let [_, second] = &both;
            both.iter().all(|one| one["code"] == "rate_limited").then(|| second.clone())
        })
        .await;
        assert!(refused["retryAfterMs"].as_u64().is_some_and(|ms| (1..=1_001).contains(&ms)));
        let answer = when_allowed(&mut erna, nothing).await;
        assert_eq!(answer["code"], "invalid", "{answer}");
    }
}

/// Repeats an operation, each time after the pause that the refusal asked for.
async fn when_allowed(client: &mut Client, message: Value) -> Value {
    within("the limit to pass", async {
        loop {
            let reply = client.request("op", message.clone()).await;
            let Some(pause) = reply["retryAfterMs"].as_u64() else { return reply };
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    })
    .await
}
