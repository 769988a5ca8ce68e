//! What a course takes of a trainer's and a studio's time, for the rule that holds across all rooms
//! of a tenant.

use super::{CourseFields, CourseId, Interval, Overlap, ResourceKey, Rule, Timetable};

/// A change to the tenant-wide table of occupied time, applied in order with its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OccupancyChange {
    /// The course gives up everything it took in this room.
    Clear {
        /// Which.
        course_id: CourseId,
    },
    /// The course takes a resource; `during` already contains the resource's buffer at its end.
    Take {
        /// Which.
        course_id: CourseId,
        /// Trainer or studio.
        resource: ResourceKey,
        /// The course plus the buffer.
        during: Interval,
        /// Whether two such intervals of one tenant must not overlap (`forbid`, not overridden).
        enforced: bool,
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
            enforced: rule.overlap == Overlap::Forbid && !overridden,
        }
    })
}
