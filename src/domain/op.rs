//! What a person asks for. A command is a wish: [`fn@super::decide`] turns it into a
//! [`super::Change`] or a [`super::Refusal`].

use super::{
    CourseFields, CourseId, CoursePatch, Date, Instant, Interval, Invalid, MAX_APPLY_DAYS, OpId,
    Policy, ResourceFields, ResourceId, ResourceKind, Slot, Template, TemplateId, bounds,
};

/// The most operations in one batch.
pub const MAX_BATCH: usize = 100;

/// The longest reason of an override, in characters.
pub const MAX_REASON: usize = 500;

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
        /// Of which kind; may be left out, since an id is registered under one kind only.
        kind: Option<ResourceKind>,
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

impl Op {
    /// How many operations it is: those of a batch are counted.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Batch { ops } => ops.len(),
            _ => 1,
        }
    }

    /// Checks every bound that needs no timetable; paths are as the client wrote them.
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::CourseCreate { course, .. } => {
                course.validate().map_err(|invalid| invalid.under("course"))
            }
            Self::CourseUpdate { patch, .. } => {
                patch.validate().map_err(|invalid| invalid.under("patch"))
            }
            Self::CourseMove { starts_at, ends_at: Some(ends_at), .. } => {
                Interval { start: *starts_at, end: *ends_at }.validate()
            }
            Self::ResourceUpsert { resource, .. } => {
                resource.validate().map_err(|invalid| invalid.under("resource"))
            }
            Self::TemplateSave { name, slots, .. } => {
                Template::validate(name, slots).map_err(|invalid| invalid.under("template"))
            }
            Self::TemplateApply { from, to, .. } => validate_days(*from, *to),
            Self::Batch { ops } => validate_batch(ops),
            _ => Ok(()),
        }
    }

    /// Whether it may stand in a batch.
    #[must_use]
    pub fn fits_batch(&self) -> bool {
        !matches!(
            self,
            Self::Batch { .. }
                | Self::Undo { .. }
                | Self::Redo { .. }
                | Self::Restore { .. }
                | Self::PolicySet { .. }
        )
    }
}

impl Command {
    /// Checks every bound that needs no timetable.
    ///
    /// # Errors
    /// The first broken bound.
    pub fn validate(&self) -> Result<(), Invalid> {
        if let Some(reason) = &self.override_reason {
            bounds::chars("override.reason", reason, 1, MAX_REASON)?;
        }
        self.op.validate()
    }
}

fn validate_batch(ops: &[Op]) -> Result<(), Invalid> {
    if ops.is_empty() || ops.len() > MAX_BATCH {
        return Err(Invalid::new("ops", "must hold 1 to 100 operations"));
    }
    ops.iter().enumerate().try_for_each(|(index, op)| {
        let at = format!("ops[{index}]");
        if !op.fits_batch() {
            return Err(Invalid::new(at + ".kind", "is not allowed inside a batch"));
        }
        op.validate().map_err(|invalid| invalid.under(&at))
    })
}

fn validate_days(from: Date, to: Date) -> Result<(), Invalid> {
    let first = from.civil().map_err(|invalid| invalid.under("from"))?;
    let last = to.civil().map_err(|invalid| invalid.under("to"))?;
    if last < first {
        return Err(Invalid::new("to", "must not be before from"));
    }
    let days = first.duration_until(last).as_hours() / 24 + 1;
    if days > MAX_APPLY_DAYS {
        return Err(Invalid::new("to", "must be at most 366 days from the first, both included"));
    }
    Ok(())
}
