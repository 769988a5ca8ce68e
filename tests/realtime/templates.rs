//! Weekly patterns, applied in the room's own time zone.

use serde_json::{Value, json};

use crate::support::{Class, Client, Person, Replica, Service, day};

#[actix_web::test]
async fn a_week_is_laid_out_in_one_event_and_follows_the_clocks() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, template("week", &[(1, "10:00"), (5, "18:30")])).await;
    // Four weeks from 2 March 2026; Berlin's clocks go forward on Sunday, 29 March.
    let ack = emil.acked(&room, apply("week", (0, 34), "fail")).await;
    assert_eq!(ack["seq"], 2);
    replica.follow(&mut emil, 2).await;
    assert_eq!(replica.log[1]["kind"], "template_apply");
    let starts = starts(&replica);
    assert_eq!(starts.len(), 10);
    assert!(starts.contains(&"2026-03-23T09:00:00Z".to_owned()), "winter: {starts:?}");
    assert!(starts.contains(&"2026-03-30T08:00:00Z".to_owned()), "summer: {starts:?}");
    replica.assert_equals(&emil.snapshot(&room, None).await);
    emil.acked(&room, json!({"kind": "undo"})).await;
    replica.follow(&mut emil, 3).await;
    assert_eq!(replica.len(), 0, "all of it is one undo");
}

#[actix_web::test]
async fn a_clash_refuses_all_of_it_or_is_left_out_by_name() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    // Monday 10:00 in Berlin is 09:00 UTC in winter, three hours after the tests' first hour.
    emil.acked(&room, Class::new("Taken", 3).trainer("tina").create()).await;
    emil.acked(&room, template("week", &[(1, "10:00"), (2, "10:00")])).await;
    emil.refused(&room, apply("week", (0, 6), "fail"), "conflict").await;
    emil.acked(&room, apply("week", (0, 6), "skip")).await;
    replica.follow(&mut emil, 3).await;
    let data = &replica.log[2]["data"];
    assert_eq!(data["courses"].as_array().map(Vec::len), Some(1), "{data}");
    assert_eq!(data["skipped"].as_array().map(Vec::len), Some(1), "{data}");
    assert_eq!(data["skipped"][0]["startsAt"], "2026-03-02T09:00:00Z");
    assert_eq!(data["skipped"][0]["conflicts"][0]["kind"], "trainer_overlap");
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

#[actix_web::test]
async fn a_deleted_template_leaves_its_courses() {
    let service = Service::start().await;
    let room = service.room().await;
    let (mut emil, joined) = Client::enter(&service, &Person::editor("emil"), &room).await;
    let mut replica = Replica::of(&joined);
    emil.acked(&room, template("week", &[(3, "07:15")])).await;
    emil.acked(&room, apply("week", (0, 6), "fail")).await;
    emil.acked(&room, json!({"kind": "template_delete", "templateId": "week"})).await;
    emil.refused(&room, apply("week", (7, 13), "fail"), "not_found").await;
    replica.follow(&mut emil, 3).await;
    assert_eq!(replica.len(), 1);
    replica.assert_equals(&emil.snapshot(&room, None).await);
}

fn template(id: &str, hours: &[(u8, &str)]) -> Value {
    let slots: Vec<_> = hours.iter().map(|(weekday, start)| slot(*weekday, start)).collect();
    json!({"kind": "template_save", "template": {"id": id, "name": "Our week", "slots": slots}})
}

fn slot(weekday: u8, start: &str) -> Value {
    let title = format!("Class {weekday}");
    json!({"weekday": weekday, "start": start, "minutes": 60, "title": title, "trainerId": "tina"})
}

fn apply(id: &str, days: (u32, u32), on_conflict: &str) -> Value {
    let (from, to) = (day(days.0), day(days.1));
    json!({"kind": "template_apply", "templateId": id, "from": from, "to": to, "onConflict": on_conflict})
}

fn starts(replica: &Replica) -> Vec<String> {
    let made = replica.log[1]["data"]["courses"].as_array().expect("courses");
    made.iter().map(|course| course["startsAt"].as_str().expect("an instant").to_owned()).collect()
}
