//! Rooms: made, listed, renamed, archived.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::V1;
use crate::support::{Person, Service, new_id};

#[actix_web::test]
async fn a_room_is_made_read_changed_and_archived() {
    let service = Service::start().await;
    let olga = service.rest(&Person::owner("olga"));
    let policy = json!({"staleEdits": "strict", "defaultOverlap": "warn"});
    let wanted = json!({"name": "Main hall", "timezone": "Europe/Berlin", "policy": policy});
    let made = olga.post(&format!("{V1}/rooms"), &wanted).await.expect(201);
    for (field, value) in [
        ("name", json!("Main hall")),
        ("timezone", json!("Europe/Berlin")),
        ("seq", json!(0)),
        ("role", json!("owner")),
        ("policy", policy),
    ] {
        assert_eq!(made[field], value, "{made}");
    }
    assert!(made["epoch"].is_i64() && made["createdAt"].is_string(), "{made}");

    let path = format!("{V1}/rooms/{}", made["room"].as_str().expect("an id"));
    assert_eq!(olga.get(&path).await.expect(200), made);
    let changes = json!({"name": "Small hall", "timezone": "America/Toronto"});
    let answer = olga.patch(&path, &changes).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let changed = olga.get(&path).await.expect(200);
    assert_eq!((&changed["name"], &changed["timezone"]), (&changes["name"], &changes["timezone"]));

    let answer = olga.delete(&path).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    olga.get(&path).await.expect_error(404, "not_found");
    let left = olga.get(&format!("{V1}/rooms")).await.expect(200);
    assert_eq!(left["items"], json!([]));
}

#[actix_web::test]
async fn lists_are_paged_without_loss_or_repeat() {
    let service = Service::start().await;
    let mut made = BTreeSet::new();
    for _ in 0..7 {
        made.insert(service.room().await);
    }
    let olga = service.rest(&Person::owner("olga"));
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = olga.get(&format!("{V1}/rooms?limit=3{cursor}")).await.expect(200);
        seen.extend(ids(&page));
        pages += 1;
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (7, 3));
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made);
}

#[actix_web::test]
async fn only_those_who_may_make_and_change_rooms() {
    let service = Service::start().await;
    let room = service.room().await;
    let path = format!("{V1}/rooms/{room}");
    let vera = service.rest(&Person::viewer("vera"));
    let body = json!({"name": "Mine", "timezone": "UTC"});
    vera.post(&format!("{V1}/rooms"), &body).await.expect_error(403, "forbidden");
    vera.patch(&path, &json!({"name": "Mine"})).await.expect_error(403, "forbidden");
    vera.delete(&path).await.expect_error(403, "forbidden");
    assert_eq!(vera.get(&path).await.expect(200)["role"], "viewer");
}

#[actix_web::test]
async fn a_room_out_of_bounds_is_refused_by_field() {
    let service = Service::start().await;
    let olga = service.rest(&Person::owner("olga"));
    let rooms = format!("{V1}/rooms");
    for (body, field) in [
        (json!({"name": "", "timezone": "UTC"}), "name"),
        (json!({"name": "Hall", "timezone": "Middle/Earth"}), "timezone"),
        (json!({"name": "Hall", "timezone": "UTC", "policy": {"staleEdits": "x"}}), "policy"),
        (json!({"timezone": "UTC"}), "name"),
    ] {
        let error = olga.post(&rooms, &body).await.expect_error(422, "invalid");
        let named = error["details"]["field"].as_str().unwrap_or_default();
        assert!(named.contains(field), "{named:?} should name {field}: {error}");
    }
    olga.get(&format!("{rooms}/{}", new_id())).await.expect_error(404, "not_found");
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|room| room["room"].as_str().expect("an id").to_owned()).collect()
}
