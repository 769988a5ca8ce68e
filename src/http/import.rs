//! What a file would bring into a room: courses, trainers and studios as operations that the caller may
//! send, and what is wrong with the rest. Nothing is changed here.

use std::collections::{BTreeMap, HashSet};

use actix_web::web::{self, Data, Json};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::access::{RoomPath, role_of, see};
use super::body::LargeBody;
use super::error::ErrorBody;
use super::{ApiError, State};
use crate::auth::Principal;
use crate::domain::{Overlap, ResourceKind, Role};
use crate::import::operations::{PlannedOp, batch_body, batches, course_op, resource_op};
use crate::import::{
    Mapping, MappingFault, Plan, PlanOptions, PlannedRoom, RefusedRow, Table, plan, read_csv,
    read_ics, resource_id,
};

/// The most rows of one file; split larger ones, or use the `import` command.
const MAX_ROWS: usize = 5_000;
/// The most problems that are told.
const MAX_PROBLEMS: usize = 200;
/// Rows that show what the columns hold.
const SAMPLE: usize = 5;

/// A file, and how to read it.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportWish {
    /// `csv` or `ics`.
    format: String,
    /// All of the file.
    text: String,
    /// Which template fills which field, such as `{"start": "{Date} {Time}"}`; the rest is guessed.
    #[serde(default)]
    mapping: BTreeMap<String, String>,
    /// IANA name, for times without an offset; the room's when absent.
    timezone: Option<String>,
}

/// What an import would do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportPreview {
    /// Names of the columns.
    columns: Vec<String>,
    /// The first rows.
    sample: Vec<Vec<String>>,
    /// Each mapped field with its template, guessed ones too.
    mapping: BTreeMap<&'static str, String>,
    /// Fields that every course needs and nothing fills: no courses before they are mapped.
    missing: Vec<&'static str>,
    /// In the file's order.
    courses: Vec<ImportCourse>,
    /// Rows that are left out, at most 200.
    problems: Vec<ImportProblem>,
    /// How many rows are left out.
    problem_count: usize,
    /// Bodies of `op`, to be sent in this order, each at most 100 operations. Their ids follow from
    /// the file: sending one again changes nothing.
    #[schema(value_type = Vec<Object>)]
    ops: Vec<Value>,
}

/// A course that the file holds.
#[derive(Serialize, ToSchema)]
pub struct ImportCourse {
    /// Row of the file, as a spreadsheet counts; of a calendar, the n-th event.
    line: usize,
    /// The `course` of its `course_create`.
    #[schema(value_type = Object)]
    course: Value,
    /// It is in the room already, so not in `ops`.
    exists: bool,
}

/// A row that is left out.
#[derive(Serialize, ToSchema)]
pub struct ImportProblem {
    /// As in a course.
    line: usize,
    /// The field that is wrong, where one is.
    field: Option<&'static str>,
    /// For people.
    message: String,
}

/// Shows what a CSV or iCalendar file would bring into a room. For editors; nothing is changed. Overlaps
/// are not looked for: send the operations with `dryRun` to see them.
#[utoipa::path(post, path = "/api/collaboration/v1/rooms/{room}/import", tag = "operations",
    params(("room" = Uuid, Path)), request_body = ImportWish,
    responses((status = 200, body = ImportPreview),
              (status = 413, body = ErrorBody, description = "`too_large`: more than 2 MiB"),
              (status = "4XX", body = ErrorBody)))]
pub async fn preview(
    state: Data<State>,
    who: Principal,
    room: RoomPath,
    LargeBody(wish): LargeBody<ImportWish>,
) -> Result<Json<ImportPreview>, ApiError> {
    let access = see(&state, &who, room).await?;
    if role_of(&who, &access.members) == Role::Viewer {
        return Err(ApiError::forbidden("only editors of the room import"));
    }
    let snapshot = state.rooms.snapshot(&who, room.0, None).await?;
    let there = There::of(snapshot.state.as_str())?;
    let zone = wish.timezone.clone().unwrap_or(access.record.timezone);
    let zone = TimeZone::get(&zone)
        .map_err(|_| ApiError::invalid("timezone", "must be an IANA time zone"))?;
    let options = PlanOptions {
        tenant: who.tenant.to_string(),
        room_name: access.record.id.to_string(),
        zone,
    };
    let planning = web::block(move || read(wish, &options, &there)).await;
    planning.map_err(|lost| ApiError::Internal(lost.to_string()))?.map(Json)
}

/// Ids of what the room has.
struct There {
    courses: HashSet<String>,
    resources: HashSet<(String, String)>,
}

#[derive(Deserialize)]
struct Shown {
    courses: Vec<Named>,
    resources: Vec<Kinded>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Kinded {
    id: String,
    kind: String,
}

impl There {
    fn of(state: &str) -> Result<Self, ApiError> {
        let shown: Shown = serde_json::from_str(state)
            .map_err(|error| ApiError::Internal(format!("a snapshot: {error}")))?;
        Ok(Self {
            courses: shown.courses.into_iter().map(|course| course.id).collect(),
            resources: shown.resources.into_iter().map(|one| (one.kind, one.id)).collect(),
        })
    }

    fn has(&self, kind: ResourceKind, name: &str) -> bool {
        let kind = match kind {
            ResourceKind::Trainer => "trainer",
            ResourceKind::Studio => "studio",
        };
        self.resources.contains(&(kind.to_owned(), resource_id(name).to_string()))
    }
}

fn read(wish: ImportWish, options: &PlanOptions, there: &There) -> Result<ImportPreview, ApiError> {
    let table = match wish.format.as_str() {
        "csv" => read_csv(wish.text.as_bytes()),
        "ics" => read_ics(wish.text.as_bytes()),
        _ => return Err(ApiError::invalid("format", "must be csv or ics")),
    };
    let table = table.map_err(|why| ApiError::invalid("text", &why))?;
    if table.rows.len() > MAX_ROWS {
        return Err(ApiError::invalid("text", "must have at most 5000 rows"));
    }
    let given: Vec<String> =
        wish.mapping.iter().map(|(key, template)| format!("{key}={template}")).collect();
    let mapping = Mapping::guess(&given, &table.columns).map_err(|fault| match fault {
        MappingFault::Pair { why, .. } => ApiError::invalid("mapping", &why),
        MappingFault::Missing { .. } => ApiError::invalid("mapping", "is incomplete"),
    })?;
    Ok(preview_of(table, mapping, options, there))
}

fn preview_of(
    table: Table,
    mapping: Mapping,
    options: &PlanOptions,
    there: &There,
) -> ImportPreview {
    let columns = table.columns.clone();
    let sample: Vec<_> = table.rows.iter().take(SAMPLE).map(|row| row.cells.clone()).collect();
    let mapping = match sample.first() {
        Some(first) => mapping.with_days(&columns, first),
        None => mapping,
    };
    let texts = mapping.texts().map(|(key, text)| (key, text.to_owned())).collect();
    let missing = mapping.missing();
    let planned = if missing.is_empty() {
        plan(table, &mapping, options)
    } else {
        Plan { rooms: Vec::new(), refused: table.refused }
    };
    let room = planned.rooms.into_iter().next();
    let (courses, ops) = room.map(|room| written(room, there)).unwrap_or_default();
    let problem = |row: RefusedRow| ImportProblem {
        line: row.number,
        field: field_of(&row.reason),
        message: row.reason,
    };
    ImportPreview {
        columns,
        sample,
        mapping: texts,
        missing,
        courses,
        problem_count: planned.refused.len(),
        problems: planned.refused.into_iter().take(MAX_PROBLEMS).map(problem).collect(),
        ops,
    }
}

/// A room's courses, and the bodies that bring in what it lacks. Trainers and studios are registered as
/// `allow`: whether they may be booked twice is a decision of people, for later.
fn written(room: PlannedRoom, there: &There) -> (Vec<ImportCourse>, Vec<Value>) {
    let lacking = room.resources.iter().filter(|(kind, name)| !there.has(*kind, name));
    let resources: Vec<PlannedOp> =
        lacking.map(|(kind, name)| resource_op(*kind, name, Overlap::Allow)).collect();
    let (mut courses, mut creations) = (Vec::new(), Vec::new());
    for planned in &room.courses {
        let op = course_op(planned);
        let exists = there.courses.contains(&planned.id);
        let course = op.op["course"].clone();
        courses.push(ImportCourse { line: planned.row, course, exists });
        if !exists {
            creations.push(op);
        }
    }
    let all = batches(resources).into_iter().chain(batches(creations));
    let ops = all.map(|batch| batch_body(room.names, &batch)).collect();
    (courses, ops)
}

/// The field that a reason begins with.
fn field_of(reason: &str) -> Option<&'static str> {
    const FIELDS: [&str; 10] = [
        "title",
        "start",
        "startsAt",
        "end",
        "endsAt",
        "trainerId",
        "studioId",
        "capacity",
        "color",
        "notes",
    ];
    let word = reason.split(' ').next().unwrap_or_default();
    FIELDS.into_iter().find(|field| *field == word)
}
