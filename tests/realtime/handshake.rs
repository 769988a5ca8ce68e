//! Who may open a connection, and how the two sides agree on a framing.

use serde_json::json;

use crate::support::{Client, End, Open, Person, Service, Settings};

#[actix_web::test]
async fn a_token_in_the_header_is_welcomed_with_everything_a_client_needs() {
    let service = Service::start().await;
    let client = Client::connect(&service, &Person::editor("emil")).await;
    let welcome = &client.welcome;
    assert_eq!(welcome["userId"], "emil");
    assert_eq!(welcome["tenantId"], "north");
    assert_eq!(welcome["name"], "emil of north");
    assert_eq!(welcome["limits"]["maxMessageBytes"], 65_536);
    assert_eq!(welcome["limits"]["opsPerSecond"], 50);
    assert_eq!(welcome["presenceTickMs"], 50);
    for field in ["sessionId", "serverTime", "node", "version"] {
        assert!(welcome[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {welcome}");
    }
}

#[actix_web::test]
async fn a_token_in_the_first_message_is_as_good() {
    let service = Service::start().await;
    let mut client = Client::open(&service, Open::default()).await.expect("an open door");
    client.send("authenticate", json!({"token": Person::editor("emil").token()})).await;
    let welcome = client.expect("welcome").await;
    assert_eq!(welcome["userId"], "emil");
}

#[actix_web::test]
async fn who_says_nothing_is_shown_the_door() {
    let service = Service::with(Settings::default().set("realtime.auth_deadline_ms", 200)).await;
    let mut client = Client::open(&service, Open::default()).await.expect("an open door");
    assert_eq!(client.close_code().await, 4001);
}

#[actix_web::test]
async fn a_bad_token_in_the_header_refuses_the_upgrade() {
    let service = Service::start().await;
    let emil = Person::editor("emil");
    for bad in [emil.forged_token(), emil.expired_token(), "no.token.atall".to_owned()] {
        let open = Open { token: Some(bad), ..Open::default() };
        let refused = Client::open(&service, open).await.err().expect("a refusal");
        assert_eq!(refused.status, 401, "{}", refused.body);
    }
}

#[actix_web::test]
async fn a_bad_token_in_the_first_message_ends_the_connection() {
    let service = Service::start().await;
    let mut client = Client::open(&service, Open::default()).await.expect("an open door");
    client.send("authenticate", json!({"token": Person::editor("emil").forged_token()})).await;
    assert_eq!(client.close_code().await, 4001);
}

#[actix_web::test]
async fn nothing_is_done_for_a_stranger() {
    let service = Service::start().await;
    let room = service.room().await;
    let mut stranger = Client::open(&service, Open::default()).await.expect("an open door");
    let id = stranger.send("join", json!({"room": room})).await;
    match stranger.try_reply(id).await {
        Ok(error) => assert_eq!(error["code"], "unauthenticated", "{error}"),
        Err(end) => assert!(matches!(end, End::Closed(4001, _)), "{end:?}"),
    }
}

#[actix_web::test]
async fn the_framing_is_the_first_known_subprotocol_and_json_by_default() {
    let service = Service::start().await;
    let offers: [(&[&str], Option<&str>); 4] = [
        (&[], None),
        (&["kyo.v1.json"], Some("kyo.v1.json")),
        (&["kyo.v1.msgpack"], Some("kyo.v1.msgpack")),
        (&["kyo.v9.xml", "kyo.v1.msgpack"], Some("kyo.v1.msgpack")),
    ];
    for (offer, chosen) in offers {
        let token = Some(Person::editor("emil").token());
        let open = Open { token, offers: offer.to_vec(), ..Open::default() };
        let mut client = Client::open(&service, open).await.expect("an open door");
        assert_eq!(client.subprotocol.as_deref(), chosen, "{offer:?}");
        assert_eq!(client.expect("welcome").await["userId"], "emil");
    }
}

#[actix_web::test]
async fn in_production_a_token_in_the_address_opens_nothing() {
    let settings =
        Settings::default().env("APP_ENV", "production").set("realtime.auth_deadline_ms", 200);
    let service = Service::with(settings).await;
    let token = Person::editor("emil").token();
    let path = format!("{}?token={token}", Open::default().path);
    match Client::open(&service, Open { path, ..Open::default() }).await {
        Err(refused) => assert!((400..500).contains(&refused.status), "{refused:?}"),
        Ok(mut client) => {
            assert_eq!(client.close_code().await, 4001);
            assert_eq!(client.waiting().count(), 0, "a welcome for a token in the address");
        }
    }
    assert!(!service.logs().contains(&token), "the token is in the log");
}
