//! A planned room as the bodies of `POST …/ops`: batches of at most [`MAX_BATCH`] operations that
//! stay under the service's message limit, each with an id made from what it asks.

use serde_json::{Value, json};

use super::course::PlannedCourse;
use super::ids::{RoomNames, resource_id};
use crate::domain::{MAX_BATCH, Overlap, ResourceId, ResourceKind};
use crate::protocol::time::format_instant;

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
    let id = resource_id(name).to_string();
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
pub fn course_op(planned: &PlannedCourse) -> PlannedOp {
    let fields = &planned.fields;
    let id = |id: &Option<ResourceId>| id.as_ref().map(ResourceId::to_string);
    let mut course = json!({
        "id": planned.id,
        "title": fields.title,
        "startsAt": format_instant(fields.during.start),
        "endsAt": format_instant(fields.during.end),
        "trainerId": id(&fields.trainer_id),
        "studioId": id(&fields.studio_id),
        "capacity": fields.capacity,
        "color": fields.color,
        "notes": fields.notes,
        "tags": fields.tags,
    });
    if let Some(fields) = course.as_object_mut() {
        fields.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    let op = json!({ "kind": "course_create", "course": course });
    PlannedOp { row: Some(planned.row), id: planned.id.clone(), op }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CourseFields, HOUR, Instant, Interval};

    fn course(row: usize, notes: usize) -> PlannedCourse {
        let start = Instant(1_767_603_600_000);
        let fields = CourseFields {
            title: "Yoga".into(),
            during: Interval { start, end: Instant(start.0 + HOUR) },
            trainer_id: None,
            studio_id: Some(resource_id("Blue")),
            capacity: Some(12),
            color: None,
            notes: Some("n".repeat(notes)),
            tags: vec![],
        };
        let id = format!("course-{row}");
        PlannedCourse { row, id, fields, trainer: None, studio: Some("Blue".into()) }
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
