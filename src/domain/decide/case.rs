//! The question as all rules see it: who asks, on which state the event begins, and what is waived.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Context;
use crate::domain::{
    Command, Course, CourseFields, CourseId, Entity, Invalid, MAX_CONFLICTS, Refusal, StaleEdits,
    TemplateId, Timetable,
};

/// One decision in progress.
pub(super) struct Case<'a> {
    /// Everything besides the timetable.
    pub(super) ctx: &'a Context<'a>,
    /// The state before the event.
    pub(super) origin: &'a Timetable,
    /// Version of the touched entity as the client knew it; none inside a unit of several steps.
    pub(super) base_version: Option<u32>,
    /// Whether an owner commits over `forbid`.
    pub(super) overriding: bool,
    /// The state that a restore leads to.
    pub(super) goal: Option<&'a Timetable>,
    /// Courses that need the override: somebody is in their way when the event is over.
    pub(super) marks: BTreeSet<CourseId>,
    ids_used: u32,
}

impl<'a> Case<'a> {
    /// The case of a command.
    pub(super) fn new(origin: &'a Timetable, command: &Command, ctx: &'a Context<'a>) -> Self {
        Self {
            ctx,
            origin,
            base_version: command.base_version,
            overriding: command.override_reason.is_some(),
            goal: None,
            marks: BTreeSet::new(),
            ids_used: 0,
        }
    }

    /// The sequence number that the event will have.
    pub(super) fn seq(&self) -> u64 {
        self.origin.head() + 1
    }

    /// Whether overlaps are committed whatever the rules say.
    pub(super) fn lenient(&self) -> bool {
        self.overriding || self.goal.is_some()
    }

    /// An id for a course that came without one.
    pub(super) fn fresh_course(&mut self) -> CourseId {
        CourseId::parse(&self.fresh()).expect("a UUID is a valid id")
    }

    /// An id for a template that came without one.
    pub(super) fn fresh_template(&mut self) -> TemplateId {
        TemplateId::parse(&self.fresh()).expect("a UUID is a valid id")
    }

    fn fresh(&mut self) -> String {
        let id = self.ctx.ids.nth(self.ids_used);
        self.ids_used = self.ids_used.wrapping_add(1);
        id
    }

    /// The version of an entity after this event: one more than before it, however many steps of
    /// the event touch it, and 1 for one that the event makes.
    pub(super) fn next_version<T: 'a>(
        &self,
        current: Option<&Arc<T>>,
        version: impl Fn(&T) -> u32,
        before: impl Fn(&'a Timetable) -> Option<&'a Arc<T>>,
    ) -> u32 {
        let Some(current) = current else { return 1 };
        let untouched = before(self.origin).is_some_and(|before| Arc::ptr_eq(before, current));
        version(current).saturating_add(u32::from(untouched))
    }

    /// Refuses when another session holds the course.
    pub(super) fn check_lock(&self, id: &CourseId) -> Result<(), Refusal> {
        match self.ctx.locks.against(id, self.ctx.session_id, self.ctx.now) {
            None => Ok(()),
            Some(lock) => Err(Refusal::Locked {
                course_id: id.clone(),
                user_id: lock.user_id.clone(),
                session_id: lock.session_id.clone(),
                expires_at: lock.expires_at,
            }),
        }
    }

    /// Refuses an edit whose base is too old: in strict mode any older base, otherwise one after
    /// which `changed_since` says that something it sets was changed.
    pub(super) fn check_base(
        &self,
        current: u32,
        changed_since: impl FnOnce(u32) -> bool,
        entity: impl FnOnce() -> Entity,
    ) -> Result<(), Refusal> {
        let Some(base) = self.base_version else { return Ok(()) };
        if base > current {
            let rule = format!("must not be newer than the current version, {current}");
            return Err(Invalid::new("baseVersion", rule).into());
        }
        let strict = self.origin.policy().stale_edits == StaleEdits::Strict;
        if base < current && (strict || changed_since(base)) {
            return Err(Refusal::Stale(entity()));
        }
        Ok(())
    }

    /// Whether the course, with its new fields, stands on an owner's override: where it is found to
    /// be in somebody's way. A course that stays where it is keeps what it had; one that moves
    /// without need of an override loses it.
    pub(super) fn overridden(
        &self,
        id: &CourseId,
        old: Option<&Course>,
        new: &CourseFields,
    ) -> bool {
        let before = match (self.goal, old) {
            (Some(goal), _) => goal.course(id).is_some_and(|course| course.overridden),
            (None, Some(old)) if old.fields.same_place(new) => old.overridden,
            (None, _) => false,
        };
        before || self.marks.contains(id)
    }
}

/// The refusal of a change after which more conflicts would stand than a room keeps.
pub(super) fn too_many_conflicts() -> Refusal {
    let rule = format!("would leave more than {MAX_CONFLICTS} conflicts in the room");
    Invalid::new("", rule).into()
}
