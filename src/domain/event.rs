//! What took effect. Folding [`Event`]s in order gives the state; a fold never decides again.

use super::{
    Conflict, Course, CourseId, CoursePatch, Date, Instant, Interval, Op, OpId, Policy, Resource,
    ResourceId, ResourceKind, SessionId, Template, TemplateId, UserId,
};

/// One change as it took effect; complete, so that a client can fold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The whole new course (version 1).
    CourseCreate(Box<Course>),
    /// The fields that were set.
    CourseUpdate {
        /// Which.
        course_id: CourseId,
        /// What.
        patch: CoursePatch,
        /// Its version after the change.
        version: u32,
        /// Whether its place now stands on an override.
        overridden: bool,
    },
    /// New place; `endsAt` is always filled in.
    CourseMove {
        /// Which.
        course_id: CourseId,
        /// New interval.
        during: Interval,
        /// As asked: `None` leaves.
        trainer_id: Option<Option<ResourceId>>,
        /// As asked: `None` leaves.
        studio_id: Option<Option<ResourceId>>,
        /// Its version after the change.
        version: u32,
        /// Whether its place now stands on an override.
        overridden: bool,
    },
    /// Removed.
    CourseDelete {
        /// Which.
        course_id: CourseId,
    },
    /// The whole resource with its new version.
    ResourceUpsert(Resource),
    /// Removed.
    ResourceDelete {
        /// Which.
        resource_id: ResourceId,
        /// Of which kind.
        kind: ResourceKind,
    },
    /// The whole template with its new version.
    TemplateSave(Template),
    /// Removed.
    TemplateDelete {
        /// Which.
        template_id: TemplateId,
    },
    /// All courses that were made, and those that were left out.
    TemplateApply {
        /// Which.
        template_id: TemplateId,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// Made, each at version 1.
        courses: Vec<Course>,
        /// Left out, with the reason.
        skipped: Vec<Skipped>,
    },
    /// Several changes in order, one unit. `restored_seq` is set by a restore.
    Batch {
        /// In order.
        changes: Vec<Change>,
        /// The sequence number that was restored, if this is a restore.
        restored_seq: Option<u64>,
    },
    /// New rules.
    PolicySet(Policy),
}

/// A course that a `template_apply` left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its title.
    pub title: String,
    /// When it would have been.
    pub during: Interval,
    /// Why.
    pub conflicts: Vec<Conflict>,
}

/// Conflicts that an event made or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConflictChanges {
    /// New ones.
    pub detected: Vec<Conflict>,
    /// Ids of those that are gone.
    pub resolved: Vec<String>,
}

/// A committed operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 1, 2, 3 … without gaps in its room.
    pub seq: u64,
    /// The client's name for it.
    pub op_id: OpId,
    /// Who.
    pub user_id: UserId,
    /// On which connection; none for REST.
    pub session_id: Option<SessionId>,
    /// When it was decided.
    pub at: Instant,
    /// What took effect.
    pub change: Change,
    /// The operation that this one reverts (undo), or the undo that it reverts (redo).
    pub undoes: Option<OpId>,
    /// An owner's reason, where a `forbid` was overridden.
    pub override_reason: Option<String>,
    /// Conflicts made or ended.
    pub conflicts: ConflictChanges,
    /// What would revert it, recorded when it was decided; never sent to clients. Empty when it
    /// can't be undone.
    pub inverse: Vec<Op>,
}
