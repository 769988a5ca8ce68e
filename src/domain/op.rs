//! What a person asks for. A command is a wish: [`super::decide`] turns it into a
//! [`super::Change`] or a [`super::Refusal`].

use super::{
    CourseFields, CourseId, CoursePatch, Date, Instant, OpId, Policy, ResourceFields, ResourceId,
    Slot, TemplateId,
};

/// The most operations in one batch.
pub const MAX_BATCH: usize = 100;

/// One operation as asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A new course; its id is made when absent.
    CourseCreate {
        /// Client's id, if any.
        id: Option<CourseId>,
        /// The course.
        course: CourseFields,
    },
    /// Field-level change.
    CourseUpdate {
        /// Which.
        course_id: CourseId,
        /// What.
        patch: CoursePatch,
    },
    /// New time, and perhaps place and person.
    CourseMove {
        /// Which.
        course_id: CourseId,
        /// New start.
        starts_at: Instant,
        /// New end; absent keeps the length.
        ends_at: Option<Instant>,
        /// `Some(None)` clears.
        trainer_id: Option<Option<ResourceId>>,
        /// `Some(None)` clears.
        studio_id: Option<Option<ResourceId>>,
    },
    /// Removes a course.
    CourseDelete {
        /// Which.
        course_id: CourseId,
    },
    /// Registers or changes a resource.
    ResourceUpsert {
        /// Its id.
        id: ResourceId,
        /// The resource.
        resource: ResourceFields,
    },
    /// Removes a resource that no course uses.
    ResourceDelete {
        /// Which.
        resource_id: ResourceId,
    },
    /// Saves a template; its id is made when absent.
    TemplateSave {
        /// Existing or client's id, if any.
        id: Option<TemplateId>,
        /// Its name.
        name: String,
        /// Its week.
        slots: Vec<Slot>,
    },
    /// Removes a template; its courses stay.
    TemplateDelete {
        /// Which.
        template_id: TemplateId,
    },
    /// Creates the courses of a template for the days `from` to `to`, both included.
    TemplateApply {
        /// Which.
        template_id: TemplateId,
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
        /// What a conflict does.
        on_conflict: OnConflict,
    },
    /// All or nothing; never nested, never holding undo, redo, restore or policy.
    Batch {
        /// At most [`MAX_BATCH`].
        ops: Vec<Op>,
    },
    /// Reverts the caller's latest not yet undone operation, or the one named.
    Undo {
        /// Which, if not the latest.
        op_id: Option<OpId>,
    },
    /// Reverts the caller's latest undo that was not redone, or the one named.
    Redo {
        /// Which, if not the latest.
        op_id: Option<OpId>,
    },
    /// Makes the state equal to that at `seq`.
    Restore {
        /// Which state.
        seq: u64,
    },
    /// Sets the room's rules.
    PolicySet {
        /// The new rules.
        policy: Policy,
    },
}

/// What a conflict does to a `template_apply`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Refuses all of it.
    Fail,
    /// Leaves out that course and lists it.
    Skip,
}

/// An operation with what came along with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Client's name for it.
    pub op_id: OpId,
    /// What is asked.
    pub op: Op,
    /// Version of the touched entity as the client knew it.
    pub base_version: Option<u32>,
    /// An owner's reason to commit over `forbid`.
    pub override_reason: Option<String>,
}
