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
