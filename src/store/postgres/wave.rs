//! Changes of occupied time in waves: within one wave everything is given up first and then taken, by
//! one statement each, so no course of a room is in it twice. Pure.

use std::collections::HashSet;

use crate::domain::{CourseId, OccupancyChange, ResourceKey};

/// The waves of one room's batch, from 1.
#[derive(Debug, Default)]
pub(super) struct Waves<'a> {
    begun: i32,
    taken: HashSet<(&'a CourseId, &'a ResourceKey)>,
    takers: HashSet<&'a CourseId>,
}

impl<'a> Waves<'a> {
    /// The wave of the next change. Grows where a course changes what it took in this one.
    pub(super) fn next(&mut self, change: &'a OccupancyChange) -> i32 {
        let again = match change {
            OccupancyChange::Clear { course_id, .. } => self.takers.contains(course_id),
            OccupancyChange::Take { course_id, resource, .. } => {
                self.taken.contains(&(course_id, resource))
            }
        };
        if again || self.begun == 0 {
            self.begun += 1;
            self.taken.clear();
            self.takers.clear();
        }
        if let OccupancyChange::Take { course_id, resource, .. } = change {
            self.taken.insert((course_id, resource));
            self.takers.insert(course_id);
        }
        self.begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{HOUR, Hold, Instant, Interval, ResourceId, ResourceKind};

    fn clear(course: &str) -> OccupancyChange {
        OccupancyChange::Clear { course_id: CourseId::parse(course).unwrap(), held: Vec::new() }
    }

    fn take(course: &str, trainer: &str) -> OccupancyChange {
        let during = Interval { start: Instant(0), end: Instant(HOUR) };
        let id = ResourceId::parse(trainer).unwrap();
        OccupancyChange::Take {
            course_id: CourseId::parse(course).unwrap(),
            resource: ResourceKey { kind: ResourceKind::Trainer, id },
            during,
            course: during,
            hold: Hold::Enforced,
            kept: false,
        }
    }

    fn waves(changes: &[OccupancyChange]) -> Vec<i32> {
        let mut waves = Waves::default();
        changes.iter().map(|change| waves.next(change)).collect()
    }

    #[test]
    fn different_courses_go_together() {
        let moves = [clear("a"), take("a", "t"), take("a", "u"), clear("b"), take("b", "t")];
        assert_eq!(waves(&moves), [1; 5]);
    }

    #[test]
    fn a_course_that_changes_its_mind_begins_a_wave() {
        let twice = [clear("a"), take("a", "t"), clear("a"), take("a", "t"), take("b", "t")];
        assert_eq!(waves(&twice), [1, 1, 2, 2, 2]);
        assert_eq!(waves(&[take("a", "t"), take("a", "t")]), [1, 2]);
        assert_eq!(waves(&[take("a", "t"), take("a", "u"), clear("b")]), [1, 1, 1]);
    }
}
