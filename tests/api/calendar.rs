//! The timetable for other people's calendars.

use serde_json::json;

use icalendar::{Calendar, CalendarComponent, Component};

use crate::V1;
use crate::support::{Class, Client, Person, Service};

#[actix_web::test]
async fn a_room_can_be_subscribed_to() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let awkward = "Yoga; für alle, \"früh\"\\spät";
    let yoga = Class::new(awkward, 0).with("notes", json!("first line\nsecond line"));
    emil.acked(&room, yoga.create()).await;
    emil.acked(&room, Class::new("Spin", 1).create()).await;

    let path = format!("{V1}/rooms/{room}/calendar.ics");
    let answer = service.rest(&Person::viewer("vera")).get(&path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/calendar")));
    let text = answer.text();
    assert!(text.contains("20260302T060000Z"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "lines are folded");
    let calendar: Calendar = text.parse().expect("iCalendar");
    let titles: Vec<_> = calendar.components.iter().filter_map(event_title).collect();
    assert_eq!(titles.len(), 2, "{text}");
    assert!(titles.iter().any(|title| title.contains("für alle")), "{titles:?}");
}

fn event_title(component: &CalendarComponent) -> Option<String> {
    match component {
        CalendarComponent::Event(event) => event.get_summary().map(str::to_owned),
        _ => None,
    }
}

/// The path and query of an address.
fn path_of(url: &str) -> String {
    let rest = url.split_once("://").expect("an address").1;
    rest[rest.find('/').expect("has a path")..].to_owned()
}

#[actix_web::test]
async fn a_link_reads_one_calendar_until_it_is_ended() {
    let service = Service::start().await;
    let (room, other) = (service.room().await, service.room().await);
    let (mut emil, _) = Client::enter(&service, &Person::editor("emil"), &room).await;
    emil.acked(&room, Class::new("Spin", 1).create()).await;
    let vera = service.rest(&Person::viewer("vera"));
    let link = format!("{V1}/rooms/{room}/calendar-link");
    let made = vera.post(&link, &json!({})).await.expect(200);
    let url = made["url"].as_str().expect("an address");
    assert!(made["webcalUrl"].as_str().is_some_and(|text| text.starts_with("webcal://")));
    assert_eq!(vera.post(&link, &json!({})).await.expect(200)["url"], url, "the same each time");

    let nobody = service.rest_with(None);
    let path = path_of(url);
    let read = nobody.get(&path).await;
    assert!(read.status == 200 && read.text().contains("Spin"), "{}", read.text());
    let tag = read.header("etag").expect("a tag").to_owned();
    assert_eq!(nobody.get_with(&path, &[("if-none-match", &tag)]).await.status, 304);

    let key = path.split_once("key=").expect("a key").1.to_owned();
    nobody
        .get(&format!("{V1}/rooms/{other}/calendar.ics?key={key}"))
        .await
        .expect_error(404, "not_found");
    nobody
        .get(&format!("{V1}/rooms/{room}/snapshot?key={key}"))
        .await
        .expect_error(401, "unauthenticated");
    let forged = format!("{V1}/rooms/{room}/calendar.ics?key={}", "0".repeat(64));
    nobody.get(&forged).await.expect_error(404, "not_found");
    assert!(!service.logs().contains(&key), "a key is never logged");

    assert_eq!(vera.delete(&link).await.status, 204);
    nobody.get(&path).await.expect_error(404, "not_found");
    let again = vera.post(&link, &json!({})).await.expect(200);
    assert_ne!(again["url"], url);
}

#[actix_web::test]
async fn an_owner_ends_the_links_of_others_and_an_archived_room_has_none() {
    let service = Service::start().await;
    let room = service.room().await;
    let link = format!("{V1}/rooms/{room}/calendar-link");
    let (vera, olga) =
        (service.rest(&Person::viewer("vera")), service.rest(&Person::owner("olga")));
    let nobody = service.rest_with(None);
    let url = async || {
        path_of(vera.post(&link, &json!({})).await.expect(200)["url"].as_str().expect("text"))
    };

    let first = url().await;
    let mona = service.rest(&Person::viewer("mona"));
    mona.delete(&format!("{link}?user=vera")).await.expect_error(403, "forbidden");
    assert_eq!(olga.delete(&format!("{link}?user=vera")).await.status, 204);
    nobody.get(&first).await.expect_error(404, "not_found");

    let second = url().await;
    assert_eq!(nobody.get(&second).await.status, 200);
    olga.delete(&format!("{V1}/rooms/{room}")).await;
    nobody.get(&second).await.expect_error(404, "not_found");
    let stranger = service.rest(&Person::owner("olga").of("south"));
    stranger.post(&link, &json!({})).await.expect_error(404, "not_found");
}
