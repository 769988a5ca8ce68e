//! What operators see and do: figures of their own tenant, and every action in the audit.

use serde_json::{Value, json};

use crate::V1;
use crate::support::{Class, Client, Person, Rest, Service, Settings, until};

fn operator(service: &Service) -> Rest {
    service.rest(&Person::operator("olga"))
}

async fn get(rest: &Rest, path: &str) -> Value {
    rest.get(&format!("{V1}/operator/{path}")).await.expect(200)
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().expect("a list")
}

#[actix_web::test]
async fn the_operator_api_is_for_operators_who_edit_nothing() {
    let service = Service::start().await;
    let room = service.room().await;
    for person in
        [Person::owner("o"), Person::editor("e"), Person::service("s"), Person::viewer("v")]
    {
        for path in ["overview", "rooms", "sessions", "audit", "log-filter", "follow?user=v"] {
            let answer = service.rest(&person).get(&format!("{V1}/operator/{path}")).await;
            answer.expect_error(403, "forbidden");
        }
    }
    service
        .rest_with(None)
        .get(&format!("{V1}/operator/overview"))
        .await
        .expect_error(401, "unauthenticated");
    let owner = service.rest(&Person::owner("o"));
    let member = format!("{V1}/rooms/{room}/members/olga");
    assert!(owner.put(&member, &json!({"role": "editor"})).await.status < 300);
    let (mut olga, joined) = Client::enter(&service, &Person::operator("olga"), &room).await;
    assert_eq!(joined["role"], "viewer");
    olga.refused(&room, Class::new("Yoga", 0).create(), "forbidden").await;
}

#[actix_web::test]
async fn numbers_rooms_and_sessions_are_those_of_the_tenant() {
    let service = Service::start().await;
    let (room, southern) = (service.room().await, service.room_of("south").await);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    let (mut sam, _) = Client::enter(&service, &Person::editor("sam").of("south"), &southern).await;
    sam.acked(&southern, Class::new("Spin", 0).create()).await;
    let rest = operator(&service);

    let seen = until("the operation to be counted", async || {
        let seen = get(&rest, "overview").await;
        (seen["operations"]["outcomes"]["committed"] == 1).then_some(seen)
    })
    .await;
    assert_eq!(seen["sessions"], json!({"total": 1, "websocket": 1, "socketio": 0, "polling": 0}));
    assert_eq!(seen["rooms"], json!({"active": 1, "silent": 0}));
    assert_eq!(seen["operations"]["ackMs"]["samples"], 1);
    assert_eq!((&seen["database"]["state"], &seen["phase"]), (&json!("up"), &json!("ready")));
    assert_eq!(seen["mayActOnProcess"], false);

    let rooms = get(&rest, "rooms").await;
    assert_eq!(items(&rooms).len(), 1);
    assert_eq!(items(&rooms)[0]["room"], room);
    assert_eq!(items(&rooms)[0]["head"]["seq"], 1);
    let detail = get(&rest, &format!("rooms/{room}")).await;
    assert_eq!(detail["members"][0]["userId"], "emil");
    assert_eq!(detail["lastOperations"][0]["outcome"], "committed");
    assert!(!detail.to_string().contains("Yoga"), "what an operation says is not shown");
    rest.get(&format!("{V1}/operator/rooms/{southern}")).await.expect_error(404, "not_found");

    let sessions = get(&rest, "sessions").await;
    assert_eq!(items(&sessions).len(), 1);
    assert_eq!(items(&sessions)[0]["sessionId"], emil.session());
    assert_eq!(items(&sessions)[0]["rooms"], json!([room]));
    assert_eq!(items(&get(&rest, &format!("sessions?room={room}&user=emil")).await).len(), 1);
    assert_eq!(items(&get(&rest, "sessions?user=sam").await).len(), 0);
    assert_eq!(items(&get(&rest, &format!("sessions?room={southern}")).await).len(), 0);
}

#[actix_web::test]
async fn a_session_is_closed_in_the_way_that_was_asked_for_and_audited() {
    let service = Service::start().await;
    let room = service.room().await;
    let rest = operator(&service);
    let path = |session: &str| format!("{V1}/operator/sessions/{session}/disconnect");
    for (reconnect, code) in [(true, 1012), (false, 4003)] {
        let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
        let stranger = service.rest(&Person::operator("olga").of("south"));
        let wish = json!({"reason": "left open at the desk", "reconnect": reconnect});
        stranger.post(&path(emil.session()), &wish).await.expect_error(404, "not_found");
        let empty = json!({"reason": " "});
        rest.post(&path(emil.session()), &empty).await.expect_error(422, "invalid");
        let done = rest.post(&path(emil.session()), &wish).await.expect(202);
        assert_eq!(done["code"], code);
        assert_eq!(emil.close_code().await, code);
    }
    let audit = get(&rest, "audit?limit=1").await;
    assert_eq!(items(&audit)[0]["action"], "disconnect");
    assert_eq!(items(&audit)[0]["operator"], "olga");
    assert_eq!(items(&audit)[0]["reason"], "left open at the desk");
    let before = audit["nextBefore"].as_u64().expect("there is one more");
    assert_eq!(items(&get(&rest, &format!("audit?before={before}")).await).len(), 1);
    let stranger = service.rest(&Person::operator("olga").of("south"));
    assert_eq!(items(&get(&stranger, "audit").await).len(), 0);
}

#[actix_web::test]
async fn what_acts_on_the_process_is_for_the_operators_tenant() {
    let service = Service::with(Settings::default().set("operator.tenant", "hq")).await;
    let (north, hq) = (operator(&service), service.rest(&Person::operator("hanna").of("hq")));
    let path = format!("{V1}/operator/log-filter");
    let wish = json!({"filter": "info,kyo_collaboration=debug", "forMinutes": 5});
    north.put(&path, &wish).await.expect_error(403, "forbidden");
    north
        .post(&format!("{V1}/operator/drain"), &json!({"reason": "x"}))
        .await
        .expect_error(403, "forbidden");
    assert_eq!(items(&get(&north, "audit").await)[0]["outcome"], "refused");

    let before = hq.get(&path).await.expect(200)["filter"].clone();
    let bad = json!({"filter": "kyo_collaboration=loud"});
    assert_eq!(
        hq.put(&path, &bad).await.expect_error(422, "invalid")["details"]["field"],
        "filter"
    );
    let changed = hq.put(&path, &wish).await.expect(200);
    assert_eq!((&changed["previous"], &changed["filter"]), (&before, &wish["filter"]));
    assert!(changed["until"].is_string());
    assert_eq!(get(&hq, "overview").await["mayActOnProcess"], true);
    assert_eq!(items(&get(&hq, "audit").await)[0]["action"], "log_filter");
}

#[actix_web::test]
async fn a_drained_replica_tells_its_clients_and_leaves() {
    let settings = Settings::default().set("operator.tenant", "hq").set("drain.deadline_ms", 3_000);
    let mut service = Service::with(settings).await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let hq = service.rest(&Person::operator("hanna").of("hq"));
    let begun =
        hq.post(&format!("{V1}/operator/drain"), &json!({"reason": "update"})).await.expect(202);
    assert_eq!(begun["deadlineMs"], 3_000);
    emil.expect("draining").await;
    assert_eq!(emil.close_code().await, 1012);
    assert!(service.exited().await.success());
}

#[actix_web::test]
async fn a_follower_hears_what_happens_to_one_person_of_the_tenant() {
    let service = Service::start().await;
    let room = service.room().await;
    let olga = Person::operator("olga").token();
    let url = format!("http://{}{V1}/operator/follow", service.address());
    let http = awc::Client::builder().disable_timeout().finish();
    let both = format!("{url}?room={room}&user=emil");
    for bad in [url.clone(), both] {
        let answer = http.get(bad).bearer_auth(&olga).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 422);
    }
    let mut follow =
        http.get(format!("{url}?user=emil")).bearer_auth(&olga).send().await.expect("an answer");
    assert_eq!(follow.status().as_u16(), 200);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let (mut vera, _) = Client::enter(&service, &Person::editor("vera"), &room).await;
    vera.acked(&room, Class::new("Spin", 1).create()).await;
    emil.acked(&room, Class::new("Yoga", 0).create()).await;
    let mut heard = String::new();
    while !heard.contains("event: operation") {
        let piece = futures_util::StreamExt::next(&mut follow).await.expect("goes on");
        heard.push_str(&String::from_utf8_lossy(&piece.expect("arrives")));
    }
    let names: Vec<_> = heard.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["following", "connected", "joined", "operation"], "{heard}");
    assert!(!heard.contains("vera"), "{heard}");
    assert_eq!(items(&get(&operator(&service), "audit").await)[0]["target"], "user emil");
}
