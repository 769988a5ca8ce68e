//! Who may do what in one room, whatever their tenant role.

use serde_json::json;

use crate::V1;
use crate::support::{Person, Service};

#[actix_web::test]
async fn a_member_is_added_changed_listed_and_removed() {
    let service = Service::start().await;
    let room = service.room().await;
    let olga = service.rest(&Person::owner("olga"));
    let vera = service.rest(&Person::viewer("vera"));
    let (list, one) =
        (format!("{V1}/rooms/{room}/members"), format!("{V1}/rooms/{room}/members/vera"));
    let role = async || vera.get(&format!("{V1}/rooms/{room}")).await.expect(200)["role"].clone();
    assert_eq!(role().await, "viewer");
    for wanted in ["editor", "owner", "editor"] {
        let answer = olga.put(&one, &json!({"role": wanted})).await;
        assert!((200..300).contains(&answer.status), "{}", answer.text());
        assert_eq!(role().await, wanted);
    }
    let members = olga.get(&list).await.expect(200);
    let items = members["items"].as_array().expect("items");
    assert!(items.contains(&json!({"userId": "vera", "role": "editor"})), "{members}");

    olga.put(&one, &json!({"role": "king"})).await.expect_error(422, "invalid");
    vera.put(&one, &json!({"role": "owner"})).await.expect_error(403, "forbidden");
    let answer = olga.delete(&one).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    assert_eq!(role().await, "viewer");
}
