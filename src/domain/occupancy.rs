//! What a course takes of a trainer's and a studio's time, for the rule that holds across all rooms
//! of a tenant.

use super::{CourseFields, CourseId, Interval, Overlap, ResourceKey, Rule, Timetable};

/// How a course holds a resource against other courses of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The rule is `forbid`: nobody else may be there, and nobody may come.
    Enforced,
    /// The rule is `forbid` and an owner has put it over somebody else: it may be there, and still
    /// nobody may come.
    Overridden,
    /// The rule lets courses overlap: nobody is in its way, and it is in nobody's.
    Free,
}

/// A change to the tenant-wide table of occupied time, applied in order with its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OccupancyChange {
    /// The course gives up everything it took in this room.
    Clear {
        /// Which.
        course_id: CourseId,
        /// What of it nobody else could have, with buffers: whoever wants it waits for this change. It is
        /// for the store's locks alone; everything is given up whether it is named or not.
        held: Vec<(ResourceKey, Interval)>,
    },
    /// The course takes a resource; `during` already contains the resource's buffer at its end.
    Take {
        /// Which.
        course_id: CourseId,
        /// Trainer or studio.
        resource: ResourceKey,
        /// The course plus the buffer.
        during: Interval,
        /// The course alone, for people.
        course: Interval,
        /// Against whom.
        hold: Hold,
        /// The course held at least this before the event in the same way, so it is not asked again:
        /// who stands there by an override of their own must not freeze it.
        kept: bool,
    },
}

impl Timetable {
    /// What all courses take, by course: the whole room's part of the tenant-wide table.
    #[must_use]
    pub fn occupancy(&self) -> Vec<OccupancyChange> {
        self.courses()
            .flat_map(|course| {
                takes(&course.id, &course.fields, course.overridden, |key| self.rule(key))
            })
            .collect()
    }
}

/// What one course takes under the given rules.
pub(super) fn takes<'a>(
    course_id: &'a CourseId,
    course: &'a CourseFields,
    overridden: bool,
    rule: impl Fn(&ResourceKey) -> Rule + 'a,
) -> impl Iterator<Item = OccupancyChange> + 'a {
    course.resources().map(move |resource| {
        let rule = rule(&resource);
        OccupancyChange::Take {
            course_id: course_id.clone(),
            resource,
            during: course.during.extended(rule.buffer),
            course: course.during,
            hold: hold(rule, overridden),
            kept: false,
        }
    })
}

fn hold(rule: Rule, overridden: bool) -> Hold {
    match rule.overlap {
        Overlap::Forbid if overridden => Hold::Overridden,
        Overlap::Forbid => Hold::Enforced,
        Overlap::Warn | Overlap::Allow => Hold::Free,
    }
}
