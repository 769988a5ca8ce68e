//! Courses and operations in their wire form, short enough to read inside a story.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

/// A fresh id, as clients make them for operations and courses.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The instant `minutes` after the first Monday of the tests' timetable, 06:00 UTC.
pub fn at(minutes: u32) -> String {
    let monday: Timestamp = "2026-03-02T06:00:00Z".parse().expect("a valid instant");
    monday.checked_add(i64::from(minutes).minutes()).expect("within the calendar").to_string()
}

/// The civil date `days` after that Monday.
pub fn day(days: u32) -> String {
    at(days * 24 * 60)[..10].to_owned()
}

/// A class on its way onto the timetable.
#[derive(Clone, Debug)]
pub struct Class(Value);

impl Class {
    /// An hour long, at `hour` hours after the first Monday 06:00, with nobody and nowhere, under
    /// an id of its own.
    pub fn new(title: &str, hour: u32) -> Self {
        Self(json!({
            "id": new_id(),
            "title": title,
            "startsAt": at(hour * 60),
            "endsAt": at(hour * 60 + 60),
        }))
    }

    /// Led by `id`.
    pub fn trainer(self, id: &str) -> Self {
        self.with("trainerId", json!(id))
    }

    /// Held in `id`.
    pub fn studio(self, id: &str) -> Self {
        self.with("studioId", json!(id))
    }

    /// Any other field.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.0[field] = value;
        self
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("a class has an id")
    }

    /// The operation that creates it.
    pub fn create(&self) -> Value {
        json!({"kind": "course_create", "course": self.0})
    }

    /// The operation that sets some of its fields.
    pub fn update(&self, patch: Value) -> Value {
        json!({"kind": "course_update", "courseId": self.id(), "patch": patch})
    }

    /// The operation that moves it to another hour, keeping its length.
    pub fn move_to(&self, hour: u32) -> Value {
        json!({"kind": "course_move", "courseId": self.id(), "startsAt": at(hour * 60)})
    }

    /// The operation that deletes it.
    pub fn delete(&self) -> Value {
        json!({"kind": "course_delete", "courseId": self.id()})
    }
}
