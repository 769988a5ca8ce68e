//! A token is for a time; a new one in time keeps everything going.

use std::time::Duration;

use serde_json::json;

use crate::support::{Class, Client, Open, Person, Service, Settings};

const SHORT: Duration = Duration::from_secs(3);

#[actix_web::test]
async fn an_expired_token_ends_the_session_and_a_refreshed_one_does_not() {
    let settings = Settings::default()
        .set("auth.leeway_seconds", 0)
        .set("realtime.token_warning_ms", 2_500)
        .set("realtime.token_grace_ms", 500);
    let service = Service::with(settings).await;
    let room = service.room().await;
    let (emil, erna) = (Person::editor("emil"), Person::editor("erna"));
    let mut keeper = short_lived(&service, &emil).await;
    let mut loser = short_lived(&service, &erna).await;
    keeper.join(&room).await;
    loser.join(&room).await;

    assert!(keeper.expect("token_expiring").await["expiresAt"].is_string());
    let refreshed = keeper.request("refresh", json!({"token": emil.token()})).await;
    assert_eq!(refreshed["type"], "refreshed", "{refreshed}");
    assert!(refreshed["expiresAt"].is_string(), "{refreshed}");

    // When the one who did nothing is gone, the first token of the other is over, too.
    loser.expect("token_expiring").await;
    assert_eq!(loser.close_code().await, 4002);
    keeper.acked(&room, Class::new("Yoga", 0).create()).await;
}

#[actix_web::test]
async fn a_session_stays_the_persons_own() {
    let service = Service::start().await;
    let emil = Person::editor("emil");
    for stranger in [Person::editor("erna"), Person::editor("emil").of("south")] {
        let mut client = Client::connect(&service, &emil).await;
        let refused = client.request("refresh", json!({"token": stranger.token()})).await;
        assert_eq!(refused["type"], "error", "{refused}");
    }
    let mut client = Client::connect(&service, &emil).await;
    let refused = client.request("refresh", json!({"token": emil.forged_token()})).await;
    assert_eq!(refused["code"], "unauthenticated", "{refused}");
}

#[actix_web::test]
async fn roles_are_read_again_at_a_refresh() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut client, joined) = Client::enter(&service, &Person::viewer("vera"), &room).await;
    assert_eq!(joined["role"], "viewer");
    let promoted = Person::editor("vera").token();
    let refreshed = client.request("refresh", json!({"token": promoted})).await;
    assert_eq!(refreshed["type"], "refreshed", "{refreshed}");
    client.acked(&room, Class::new("Yoga", 0).create()).await;
}

async fn short_lived(service: &Service, person: &Person) -> Client {
    let open = Open { token: Some(person.token_for(SHORT)), ..Open::default() };
    let mut client = Client::open(service, open).await.expect("the token still holds");
    client.welcome = client.expect("welcome").await;
    client
}
