//! A room's timetable for calendar programs. Times are UTC, so no time zone definitions are needed;
//! an event keeps its UID for as long as its course lives.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use icalendar::{Calendar, Component, Event, EventLike, Property};
use serde::Deserialize;

use super::access::{RoomPath, see};
use super::error::ErrorBody;
use super::etag::tagged;
use super::links::keyed;
use super::query::Query;
use super::{ApiError, State, bearer};
use crate::auth::Principal;
use crate::store::RoomRecord;

const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// What a calendar shows of a snapshot's state.
#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    courses: Vec<Course<'a>>,
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Course<'a> {
    id: String,
    version: u32,
    title: String,
    starts_at: &'a str,
    ends_at: &'a str,
    updated_at: &'a str,
    trainer_id: Option<String>,
    studio_id: Option<String>,
    notes: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Resource {
    id: String,
    kind: String,
    name: String,
}

/// Reads the timetable as iCalendar, with a token or with the key of a link.
#[utoipa::path(get, path = "/api/collaboration/v1/rooms/{room}/calendar.ics", tag = "log",
    params(("room" = Uuid, Path), ("If-None-Match" = Option<String>, Header),
           ("key" = Option<String>, Query, description = "Of a calendar link, in place of a token")),
    responses((status = 200, body = String, content_type = "text/calendar"),
              (status = 304, description = "The caller has this state"),
              (status = "4XX", body = ErrorBody)))]
pub async fn export(
    state: Data<State>,
    room: RoomPath,
    query: Query,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let who = match query.text("key") {
        Some(key) if bearer(&request).is_none() => keyed(&state, room, key).await?,
        _ => Principal::extract(&request).await?,
    };
    let record = see(&state, &who, room).await?.record;
    let snapshot = state.rooms.snapshot(&who, room.0, None).await?;
    let tag = format!("{}-{}", snapshot.epoch, snapshot.seq);
    let shown: Shown<'_> = serde_json::from_str(snapshot.state.as_str())
        .map_err(|error| ApiError::Internal(format!("snapshot of {}: {error}", record.id)))?;
    Ok(tagged(&request, tag, MEDIA_TYPE, || calendar(&record, &shown).into_bytes()))
}

fn calendar(record: &RoomRecord, shown: &Shown<'_>) -> String {
    let named = |kind: &str| -> HashMap<&str, &str> {
        let of_kind = shown.resources.iter().filter(|resource| resource.kind == kind);
        of_kind.map(|resource| (resource.id.as_str(), resource.name.as_str())).collect()
    };
    let (trainers, studios) = (named("trainer"), named("studio"));
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//kyo-collaboration//timetable//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", &record.name),
        ("X-WR-TIMEZONE", &record.timezone),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    for course in &shown.courses {
        calendar.push(event(course, &record.id.to_string(), &trainers, &studios));
    }
    calendar.to_string()
}

fn event(
    course: &Course<'_>,
    room: &str,
    trainers: &HashMap<&str, &str>,
    studios: &HashMap<&str, &str>,
) -> Event {
    let mut event = Event::with_uid(&format!("{}@{room}", course.id));
    event.summary(&course.title).sequence(course.version - 1);
    let times = [
        ("DTSTAMP", course.updated_at),
        ("LAST-MODIFIED", course.updated_at),
        ("DTSTART", course.starts_at),
        ("DTEND", course.ends_at),
    ];
    for (name, time) in times {
        event.add_property(name, basic(time));
    }
    if let Some(studio) = &course.studio_id {
        event.location(name(studio, studios));
    }
    let trainer = course.trainer_id.as_ref().map(|id| format!("Trainer: {}", name(id, trainers)));
    let about: Vec<String> = trainer.into_iter().chain(course.notes.clone()).collect();
    if !about.is_empty() {
        event.description(&about.join("\n\n"));
    }
    if !course.tags.is_empty() {
        event.add_property("CATEGORIES", course.tags.join(" "));
    }
    event.done()
}

/// A trainer or studio that was never registered goes by its id.
fn name<'a>(id: &'a str, names: &HashMap<&str, &'a str>) -> &'a str {
    names.get(id).copied().unwrap_or(id)
}

/// `2026-01-05T13:00:00Z` as `20260105T130000Z`; a calendar has no fractions of a second.
fn basic(time: &str) -> String {
    let seconds = time.split(['.', 'Z']).next().unwrap_or(time);
    seconds.chars().filter(|c| !matches!(c, '-' | ':')).chain(['Z']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Instant, RoomId, TenantId};
    use crate::store::Head;

    const STATE: &str = r#"{"courses":[{"id":"c1","version":2,"title":"Yoga, slow; easy",
        "startsAt":"2026-01-05T13:00:00.500Z","endsAt":"2026-01-05T14:00:00Z","trainerId":"mei",
        "studioId":"blue","notes":"Bring a mat","tags":[],"updatedAt":"2026-01-01T00:00:00Z"}],
        "resources":[{"id":"blue","kind":"studio","name":"Blue Room"}]}"#;

    fn exported() -> String {
        let record = RoomRecord {
            id: RoomId(uuid::Uuid::nil()),
            tenant: TenantId::parse("demo").expect("is valid"),
            name: "Mitte".into(),
            timezone: "Europe/Berlin".into(),
            policy: vec![],
            head: Head { epoch: 1, seq: 2 },
            created_at: Instant(0),
            archived_at: None,
        };
        let shown: Shown<'_> = serde_json::from_str(STATE).expect("is a state");
        calendar(&record, &shown)
    }

    #[test]
    fn an_event_says_when_where_and_with_whom() {
        let text = exported();
        for line in [
            "X-WR-CALNAME:Mitte",
            "UID:c1@00000000-0000-0000-0000-000000000000",
            "DTSTART:20260105T130000Z",
            "DTEND:20260105T140000Z",
            "SEQUENCE:1",
            "LOCATION:Blue Room",
            "SUMMARY:Yoga\\, slow\\; easy",
            "DESCRIPTION:Trainer: mei\\n\\nBring a mat",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn the_same_state_gives_the_same_bytes() {
        assert_eq!(exported(), exported());
    }
}
