//! Random operations on timetables that are small enough for people to get into each other's way.

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::book::Page;
use crate::support::Dice;

/// Half hours of the contended week.
const SLOTS: u64 = 200;
/// A room with more courses is rather emptied than filled.
const CROWDED: usize = 25;
const TITLES: [&str; 5] = ["Spin", "Yoga", "Boxing", "Pilates", "Step"];

/// Whom a whole tenant has to share.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    pub trainers: u64,
    pub studios: u64,
}

impl Staff {
    /// So few that all rooms of a tenant get into each other's way.
    pub const SHORT: Self = Self { trainers: 4, studios: 3 };
}

/// An id that only the seed decides.
pub fn seeded_id(dice: &mut Dice) -> String {
    let mut bytes = [0; 16];
    bytes.fill_with(|| dice.below(256) as u8);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Something to do in a room of which the client knows a page.
pub fn wish(dice: &mut Dice, page: &Page, staff: Staff) -> Value {
    match dice.below(20) {
        0 => json!({"kind": "undo"}),
        1 => json!({"kind": "redo"}),
        2 => batch(dice, page, staff),
        3 => resource(dice, staff),
        _ => one(dice, page, staff),
    }
}

/// A course operation.
fn one(dice: &mut Dice, page: &Page, staff: Staff) -> Value {
    let courses: Vec<_> = page.courses.iter().collect();
    let crowded = courses.len() > CROWDED;
    if courses.len() < 3 || (!crowded && dice.below(3) == 0) {
        return create(dice, staff);
    }
    let course = *dice.pick(&courses);
    match dice.below(if crowded { 5 } else { 8 }) {
        0 | 1 => json!({"kind": "course_delete", "courseId": course}),
        2 | 3 => update(dice, course, staff),
        _ => shift(dice, course, staff),
    }
}

fn create(dice: &mut Dice, staff: Staff) -> Value {
    let (starts, ends) = hours(dice);
    let mut course = json!({
        "id": seeded_id(dice),
        "title": dice.pick(&TITLES),
        "startsAt": starts,
        "endsAt": ends,
        "trainerId": trainer(dice, staff),
    });
    if dice.below(2) == 0 {
        course["studioId"] = studio(dice, staff);
    }
    json!({"kind": "course_create", "course": course})
}

fn update(dice: &mut Dice, course: &str, staff: Staff) -> Value {
    let patch = match dice.below(4) {
        0 => json!({"title": dice.pick(&TITLES)}),
        1 => json!({"capacity": 1 + dice.below(40)}),
        2 => json!({"trainerId": trainer(dice, staff)}),
        _ => json!({"notes": format!("bring {} towels", dice.below(9)), "studioId": null}),
    };
    json!({"kind": "course_update", "courseId": course, "patch": patch})
}

fn shift(dice: &mut Dice, course: &str, staff: Staff) -> Value {
    let (starts, ends) = hours(dice);
    let mut op = json!({"kind": "course_move", "courseId": course, "startsAt": starts});
    if dice.below(2) == 0 {
        op["endsAt"] = json!(ends);
    }
    if dice.below(3) == 0 {
        op["trainerId"] = trainer(dice, staff);
    }
    op
}

fn batch(dice: &mut Dice, page: &Page, staff: Staff) -> Value {
    let size = 2 + dice.below(3);
    let ops: Vec<_> = (0..size).map(|_| one(dice, page, staff)).collect();
    json!({"kind": "batch", "ops": ops})
}

/// Registered or not, nobody may be booked twice.
fn resource(dice: &mut Dice, staff: Staff) -> Value {
    let (kind, id) = match dice.below(2) {
        0 => ("trainer", trainer(dice, staff)),
        _ => ("studio", studio(dice, staff)),
    };
    let name = format!("{} {}", dice.pick(&TITLES), dice.below(100));
    let resource = json!({"id": id, "kind": kind, "name": name, "overlap": "forbid"});
    json!({"kind": "resource_upsert", "resource": resource})
}

fn trainer(dice: &mut Dice, staff: Staff) -> Value {
    json!(format!("trainer-{}", dice.below(staff.trainers)))
}

fn studio(dice: &mut Dice, staff: Staff) -> Value {
    json!(format!("studio-{}", dice.below(staff.studios)))
}

/// 30 to 120 minutes somewhere in the week.
fn hours(dice: &mut Dice) -> (String, String) {
    let monday: Timestamp = "2026-03-02T06:00:00Z".parse().expect("a valid instant");
    let start = 30 * dice.below(SLOTS) as i64;
    let length = 30 * (1 + dice.below(4)) as i64;
    let at = |minutes: i64| monday.checked_add(minutes.minutes()).expect("in the calendar");
    (at(start).to_string(), at(start + length).to_string())
}
