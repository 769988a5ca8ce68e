//! Carries a plan out: rooms side by side, each room's operations in order. A batch that the service
//! refuses is sent again one operation at a time, so that only the guilty rows stay out.

use futures_util::stream::{self, StreamExt};

use super::client::{Existing, Failure, Service};
use super::progress::Progress;
use super::report::{Report, RoomReport};
use crate::domain::{Overlap, ResourceKind};
use crate::import::RefusedRow;
use crate::import::operations::{
    PlannedOp, batch_body, batches, course_op, resource_op, single_body,
};
use crate::import::{Plan, PlannedRoom};
use crate::import::{RoomNames, resource_id};

/// More rooms at once gain nothing: the service commits them in common batches.
const ROOMS_AT_ONCE: usize = 4;

/// Refusals that one operation of a batch can be guilty of.
const GUILTY: [&str; 5] = ["conflict", "stale", "locked", "invalid", "too_large"];

/// What holds for all rooms.
pub struct Upload<'a> {
    /// Where to.
    pub service: &'a Service,
    /// Of new rooms.
    pub timezone: &'a str,
    /// Of newly registered trainers and studios.
    pub overlap: Overlap,
    /// Told about every batch.
    pub progress: &'a Progress,
}

impl Upload<'_> {
    /// Imports all rooms; a room that fails is reported and does not stop the others.
    ///
    /// # Errors
    /// [`Failure`] when not even the list of rooms can be had.
    pub async fn run(&self, plan: Plan) -> Result<Report, Failure> {
        let known = self.service.rooms().await?;
        let rooms = plan.rooms.into_iter().map(|room| {
            let id = known.get(&room.name).cloned();
            self.room(room, id)
        });
        let mut rooms: Vec<RoomReport> =
            stream::iter(rooms).buffer_unordered(ROOMS_AT_ONCE).collect().await;
        rooms.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Report { rooms, unreadable: plan.refused })
    }

    async fn room(&self, room: PlannedRoom, id: Option<String>) -> RoomReport {
        let mut report = RoomReport { name: room.name.clone(), ..RoomReport::default() };
        if let Err(failure) = self.fill(room, id, &mut report).await {
            report.failure = Some(failure.to_string());
        }
        self.progress.room_done();
        report
    }

    async fn fill(
        &self,
        room: PlannedRoom,
        id: Option<String>,
        report: &mut RoomReport,
    ) -> Result<(), Failure> {
        let (id, existing) = match id {
            Some(id) => (id.clone(), self.service.existing(&id).await?),
            None => {
                let id = self.service.create_room(&room.name, self.timezone).await?;
                report.made = true;
                (id, Existing::default())
            }
        };
        let resources = room.resources.iter().filter(|(kind, name)| !has(&existing, *kind, name));
        let resources =
            resources.map(|(kind, name)| resource_op(*kind, name, self.overlap)).collect();
        let courses = room.courses.iter().map(course_op).collect();
        let target = Target { names: room.names, id, existing };
        for batch in batches(resources).into_iter().chain(batches(courses)) {
            self.batch(&target, &batch, report).await?;
            self.progress.courses_done(batch.iter().filter(|op| op.row.is_some()).count());
        }
        Ok(())
    }

    async fn batch(
        &self,
        target: &Target,
        batch: &[PlannedOp],
        report: &mut RoomReport,
    ) -> Result<(), Failure> {
        let courses = batch.iter().filter(|op| op.row.is_some()).count();
        match self.service.submit(&target.id, &batch_body(target.names, batch)).await {
            Ok(ack) => report.count(courses, ack),
            Err(Failure::Refused { code, .. }) if GUILTY.contains(&code.as_str()) => {
                for op in batch {
                    self.single(target, op, report).await?;
                }
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    async fn single(
        &self,
        target: &Target,
        op: &PlannedOp,
        report: &mut RoomReport,
    ) -> Result<(), Failure> {
        if op.row.is_some() && target.existing.courses.contains(&op.id) {
            report.already += 1;
            return Ok(());
        }
        match self.service.submit(&target.id, &single_body(target.names, op)).await {
            Ok(ack) => report.count(usize::from(op.row.is_some()), ack),
            Err(Failure::Refused { code, message }) if GUILTY.contains(&code.as_str()) => {
                let reason = format!("refused by the service: {message} ({code})");
                match op.row {
                    Some(row) => report.refused.push(RefusedRow::new(row, reason)),
                    None => report.notes.push(format!("{} was {reason}", op.id)),
                }
            }
            Err(failure) => return Err(failure),
        }
        Ok(())
    }
}

/// One room of the service.
struct Target {
    names: RoomNames,
    id: String,
    existing: Existing,
}

/// A registered trainer or studio is left as its people set it.
fn has(existing: &Existing, kind: ResourceKind, name: &str) -> bool {
    let kind = match kind {
        ResourceKind::Trainer => "trainer",
        ResourceKind::Studio => "studio",
    };
    existing.resources.contains(&(kind.to_owned(), resource_id(name).to_string()))
}
