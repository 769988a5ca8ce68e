//! What editors do: they move classes between hours that are theirs alone, and set notes. All rooms
//! share trainers and studios, at different hours, so every move is checked against the whole tenant
//! and none is refused.

use serde_json::{Value, json};

use super::Kyo;
use crate::plan::Seat;
use crate::systems::Edit;

/// Hours that a room has of every trainer and studio.
const HOURS: usize = 4;

/// One editor's operations.
pub struct Author {
    run: u32,
    room: usize,
    first: usize,
    step: usize,
    courses: usize,
    count: usize,
}

impl Author {
    /// Editors of a room share its courses out among themselves as long as there are enough.
    pub fn new(kyo: &Kyo, seat: &Seat) -> Self {
        let enough = kyo.editors <= kyo.courses;
        let (first, step) = if enough { (seat.editor.unwrap_or(0), kyo.editors) } else { (0, 1) };
        Self { run: kyo.run, room: seat.room, first, step, courses: kyo.courses, count: 0 }
    }

    /// The next operation.
    pub fn op(&mut self, edit: &Edit<'_>) -> Value {
        let own = (self.courses - self.first).div_ceil(self.step);
        let (turn, round) = (self.count % own, self.count / own);
        let course = course_id(self.run, self.room, self.first + turn * self.step);
        self.count += 1;
        if edit.is_move {
            let starts_at = hour(self.room, round % 2 + 1);
            json!({"kind": "course_move", "courseId": course, "startsAt": starts_at})
        } else {
            json!({"kind": "course_update", "courseId": course, "patch": {"notes": edit.notes}})
        }
    }
}

/// A course as a room begins with it.
pub fn create(run: u32, room: usize, n: usize) -> Value {
    let course = json!({"id": course_id(run, room, n), "title": "Spin", "startsAt": hour(room, 0),
        "endsAt": hour(room, 1), "trainerId": format!("load-{run:x}-trainer-{n}"),
        "studioId": format!("load-{run:x}-studio-{n}")});
    json!({"kind": "course_create", "course": course})
}

fn course_id(run: u32, room: usize, n: usize) -> String {
    format!("load-{run:x}-{room}-{n}")
}

/// The start of the `n`th hour of a room.
fn hour(room: usize, n: usize) -> String {
    const BEGIN: i64 = 1_772_323_200; // 2026-03-01T00:00:00Z
    let second = BEGIN + ((room * HOURS + n) * 3_600) as i64;
    jiff::Timestamp::from_second(second).expect("within this millennium").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_have_hours_of_their_own() {
        assert_eq!(hour(0, 0), "2026-03-01T00:00:00Z");
        assert_eq!(hour(6, 1), "2026-03-02T01:00:00Z");
        let hours: std::collections::HashSet<_> =
            (0..1_000).flat_map(|room| (0..HOURS).map(move |n| hour(room, n))).collect();
        assert_eq!(hours.len(), 4_000);
    }

    #[test]
    fn editors_of_a_room_do_not_get_into_each_others_way() {
        let edit = Edit { stamp: "", due: 0, is_move: true, notes: "" };
        let author = |first| Author { run: 1, room: 0, first, step: 3, courses: 8, count: 0 };
        let mut touched: Vec<Vec<String>> = Vec::new();
        for first in 0..3 {
            let mut author = author(first);
            let ids = (0..20).map(|_| author.op(&edit)["courseId"].to_string());
            touched.push(ids.collect());
        }
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            assert!(touched[one].iter().all(|id| !touched[other].contains(id)));
        }
    }

    #[test]
    fn a_move_always_changes_the_hour() {
        let edit = Edit { stamp: "", due: 0, is_move: true, notes: "" };
        let mut author = Author { run: 1, room: 2, first: 0, step: 1, courses: 2, count: 0 };
        let mut last = std::collections::HashMap::new();
        for _ in 0..50 {
            let op = author.op(&edit);
            let before = last.insert(op["courseId"].to_string(), op["startsAt"].to_string());
            assert_ne!(before, Some(op["startsAt"].to_string()));
        }
    }
}
