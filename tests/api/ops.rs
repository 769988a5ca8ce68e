//! Operations of neighbour services: the same rules, told by status.

use serde_json::{Value, json};

use crate::V1;
use crate::support::{Class, Client, Person, Service, Settings, new_id};

#[actix_web::test]
async fn an_operation_is_acked_and_reaches_the_members() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let rest = service.rest(&Person::editor("erna"));
    let path = format!("{V1}/rooms/{room}/ops");
    let body = op(Class::new("Yoga", 0).create());
    let ack = rest.post(&path, &body).await.expect(200);
    assert_eq!((&ack["seq"], &ack["duplicate"]), (&json!(1), &json!(false)), "{ack}");
    let event = emil.expect("events").await["events"][0].clone();
    assert_eq!((&event["userId"], &event["opId"]), (&json!("erna"), &body["opId"]));
    assert!(event["sessionId"].is_null(), "no connection made it: {event}");

    let mut dry = op(Class::new("Spin", 1).create());
    dry["dryRun"] = json!(true);
    assert_eq!(rest.post(&path, &dry).await.expect(200)["seq"], Value::Null);
}

#[actix_web::test]
async fn each_refusal_has_its_status() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let rest = service.rest(&Person::editor("erna"));
    let path = format!("{V1}/rooms/{room}/ops");
    let yoga = Class::new("Yoga", 0).trainer("tina");
    rest.post(&path, &op(yoga.create())).await.expect(200);
    rest.post(&path, &op(yoga.update(json!({"title": "Power yoga"})))).await.expect(200);

    let clash = Class::new("Spin", 0).trainer("tina").create();
    let error = rest.post(&path, &op(clash)).await.expect_error(409, "conflict");
    assert_eq!(error["details"]["conflicts"][0]["kind"], "trainer_overlap");
    let mut stale = op(yoga.update(json!({"title": "Calm yoga"})));
    stale["baseVersion"] = json!(1);
    rest.post(&path, &stale).await.expect_error(409, "stale");
    emil.request("lock", json!({"room": room, "courseId": yoga.id()})).await;
    rest.post(&path, &op(yoga.move_to(5))).await.expect_error(409, "locked");
    let nameless = Class::new("", 9).create();
    rest.post(&path, &op(nameless)).await.expect_error(422, "invalid");
    rest.post(&path, &op(Class::new("?", 0).delete())).await.expect_error(404, "not_found");
    let vera = service.rest(&Person::viewer("vera"));
    vera.post(&path, &op(Class::new("Spin", 9).create())).await.expect_error(403, "forbidden");
}

#[actix_web::test]
async fn too_many_operations_are_refused_with_a_time_to_wait() {
    let limits = Settings::default()
        .set("limits.ops_per_second", 1)
        .set("limits.ops_burst", 2)
        .set("limits.tenant_ops_per_second", 1);
    let service = Service::with(limits).await;
    let room = service.room().await;
    let rest = service.rest(&Person::editor("erna"));
    let path = format!("{V1}/rooms/{room}/ops");
    let mut hour = 0;
    let refused = crate::support::until("the limit", async || {
        hour += 1;
        let answer = rest.post(&path, &op(Class::new("Spin", hour).create())).await;
        (answer.status != 200).then_some(answer)
    })
    .await;
    let error = refused.expect_error(429, "rate_limited");
    assert!(error["details"].is_null() || error["details"].is_object(), "{error}");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
}

fn op(op: Value) -> Value {
    json!({"opId": new_id(), "op": op})
}
