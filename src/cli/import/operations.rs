//! A planned room as the bodies of `POST …/ops`: batches of at most [`MAX_BATCH`] operations that
//! stay under the service's message limit, each with an id made from what it asks.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::course::PlannedCourse;
use super::ids::{RoomNames, resource_id};
use crate::domain::{Instant, MAX_BATCH, Overlap, ResourceKind};

/// Room for the envelope around the operations, below the service's 64 KiB.
const MAX_OPS_BYTES: usize = 60 * 1024;

/// One operation and the row it comes from; none for trainers and studios.
#[derive(Clone, Debug)]
pub struct PlannedOp {
    /// Named when it is refused.
    pub row: Option<usize>,
    /// The course or resource it makes.
    pub id: String,
    /// The `op` object.
    pub op: Value,
}

/// `resource_upsert` for a trainer or studio.
#[must_use]
pub fn resource_op(kind: ResourceKind, name: &str, overlap: Overlap) -> PlannedOp {
    let id = resource_id(name);
    let kind = match kind {
        ResourceKind::Trainer => "trainer",
        ResourceKind::Studio => "studio",
    };
    let overlap = match overlap {
        Overlap::Forbid => "forbid",
        Overlap::Warn => "warn",
        Overlap::Allow => "allow",
    };
    let resource = json!({ "id": id, "kind": kind, "name": name, "overlap": overlap });
    PlannedOp { row: None, id, op: json!({ "kind": "resource_upsert", "resource": resource }) }
}

/// `course_create` for a row.
#[must_use]
pub fn course_op(course: &PlannedCourse) -> PlannedOp {
    let mut fields = Map::new();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("id", json!(course.id));
    set("title", json!(course.title));
    set("startsAt", json!(rfc3339(course.starts_at)));
    set("endsAt", json!(rfc3339(course.ends_at)));
    let resources = [("trainerId", &course.trainer), ("studioId", &course.studio)];
    for (key, name) in resources.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?))) {
        set(key, json!(resource_id(name)));
    }
    let texts = [("color", &course.color), ("notes", &course.notes)];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
        set(key, json!(text));
    }
    if let Some(capacity) = course.capacity {
        set("capacity", json!(capacity));
    }
    if !course.tags.is_empty() {
        set("tags", json!(course.tags));
    }
    let op = json!({ "kind": "course_create", "course": fields });
    PlannedOp { row: Some(course.row), id: course.id.clone(), op }
}

/// Splits operations into batches, in order.
#[must_use]
pub fn batches(ops: Vec<PlannedOp>) -> Vec<Vec<PlannedOp>> {
    let mut batches: Vec<Vec<PlannedOp>> = Vec::new();
    let mut bytes = 0;
    for op in ops {
        let size = op.op.to_string().len() + 1;
        let full =
            |batch: &Vec<PlannedOp>| batch.len() == MAX_BATCH || bytes + size > MAX_OPS_BYTES;
        match batches.last_mut().filter(|batch| !full(batch)) {
            Some(batch) => batch.push(op),
            None => {
                batches.push(vec![op]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    batches
}

/// The request body for a batch.
#[must_use]
pub fn batch_body(names: RoomNames, batch: &[PlannedOp]) -> Value {
    let ops: Vec<&Value> = batch.iter().map(|op| &op.op).collect();
    body(names, json!({ "kind": "batch", "ops": ops }))
}

/// The request body for one operation by itself.
#[must_use]
pub fn single_body(names: RoomNames, op: &PlannedOp) -> Value {
    body(names, op.op.clone())
}

fn body(names: RoomNames, op: Value) -> Value {
    json!({ "opId": names.operation(&op.to_string()).to_string(), "op": op })
}

fn rfc3339(at: Instant) -> String {
    Timestamp::from_millisecond(at.0).expect("planned from a timestamp").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(row: usize, notes: usize) -> PlannedCourse {
        PlannedCourse {
            row,
            id: format!("course-{row}"),
            title: "Yoga".into(),
            starts_at: Instant(1_767_603_600_000),
            ends_at: Instant(1_767_607_200_000),
            trainer: None,
            studio: Some("Blue".into()),
            capacity: Some(12),
            color: None,
            notes: Some("n".repeat(notes)),
            tags: vec![],
        }
    }

    #[test]
    fn a_course_is_written_as_the_contract_says() {
        let op = course_op(&course(2, 1));
        let expected = json!({ "kind": "course_create", "course": {
            "id": "course-2", "title": "Yoga", "startsAt": "2026-01-05T09:00:00Z",
            "endsAt": "2026-01-05T10:00:00Z", "studioId": "Blue", "capacity": 12, "notes": "n",
        }});
        assert_eq!(op.op, expected);
    }

    #[test]
    fn batches_are_bounded_by_count_and_bytes() {
        let sizes = |notes: usize| -> Vec<usize> {
            let ops = (0..250).map(|row| course_op(&course(row, notes))).collect();
            batches(ops).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(1), [100, 100, 50]);
        let names = RoomNames::new("demo", "Room");
        let ops = (0..250).map(|row| course_op(&course(row, 4_000))).collect();
        for batch in batches(ops) {
            assert!(batch_body(names, &batch).to_string().len() < 64 * 1024);
        }
    }

    #[test]
    fn the_operation_id_follows_from_what_is_asked() {
        let names = RoomNames::new("demo", "Room");
        let (one, two) = (course_op(&course(1, 1)), course_op(&course(2, 1)));
        assert_eq!(single_body(names, &one), single_body(names, &one));
        assert_ne!(single_body(names, &one)["opId"], single_body(names, &two)["opId"]);
    }
}
