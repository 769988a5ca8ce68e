//! Which path a call of `append` takes. Pure: looks at what the call wants, never at the database.

use std::collections::{HashMap, HashSet};

use crate::domain::{CourseId, Hold, Interval, OccupancyChange, ResourceKey, TenantId};
use crate::store::RoomBatch;

/// Whether the changes of a call may be in each other's way, so that each has to be seen where it
/// stands. Otherwise all may be given up first and all taken after that, with the same result but for
/// what is given up after another course wanted it; that shows in the database alone.
pub(super) fn order_matters(batches: &[RoomBatch]) -> bool {
    batches.iter().any(changes_its_mind) || overlaps(batches)
}

fn changes(batch: &RoomBatch) -> impl Iterator<Item = &OccupancyChange> {
    batch.events.iter().flat_map(|event| &event.occupancy)
}

/// A course gives up what it took in the same call, or takes a resource twice.
fn changes_its_mind(batch: &RoomBatch) -> bool {
    let mut taken: HashMap<&CourseId, HashSet<&ResourceKey>> = HashMap::new();
    changes(batch).any(|change| match change {
        OccupancyChange::Clear { course_id } => taken.contains_key(course_id),
        OccupancyChange::Take { course_id, resource, .. } => {
            !taken.entry(course_id).or_default().insert(resource)
        }
    })
}

/// One thing wanted that nothing enforced may overlap.
struct Wanted {
    during: Interval,
    hold: Hold,
}

/// A resource is wanted twice at the same time, at least once to have it alone.
fn overlaps(batches: &[RoomBatch]) -> bool {
    let mut by_resource: HashMap<(&TenantId, &ResourceKey), Vec<Wanted>> = HashMap::new();
    for batch in batches {
        for change in changes(batch) {
            if let OccupancyChange::Take { resource, during, hold, .. } = change
                && *hold != Hold::Free
            {
                let wanted = Wanted { during: *during, hold: *hold };
                by_resource.entry((&batch.tenant, resource)).or_default().push(wanted);
            }
        }
    }
    by_resource.into_values().any(any_overlap)
}

fn any_overlap(mut wanted: Vec<Wanted>) -> bool {
    wanted.sort_by_key(|one| one.during.start);
    let (mut enforced_until, mut any_until) = (None, None);
    wanted.iter().any(|one| {
        let until = if one.hold == Hold::Enforced { any_until } else { enforced_until };
        let overlaps = until.is_some_and(|until| one.during.start < until);
        let end = Some(one.during.end);
        any_until = any_until.max(end);
        if one.hold == Hold::Enforced {
            enforced_until = enforced_until.max(end);
        }
        overlaps
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{HOUR, Instant, OpId, ResourceId, ResourceKind, RoomId, UserId};
    use crate::store::{EventRow, Head, NewEvent};

    fn course(name: &str) -> CourseId {
        CourseId::parse(name).unwrap()
    }

    fn clear(name: &str) -> OccupancyChange {
        OccupancyChange::Clear { course_id: course(name) }
    }

    fn take(name: &str, trainer: &str, start: i64, end: i64, hold: Hold) -> OccupancyChange {
        let during = Interval { start: Instant(start * HOUR), end: Instant(end * HOUR) };
        let id = ResourceId::parse(trainer).unwrap();
        let resource = ResourceKey { kind: ResourceKind::Trainer, id };
        let course_id = course(name);
        OccupancyChange::Take { course_id, resource, during, course: during, hold, kept: false }
    }

    fn enforce(name: &str, trainer: &str, start: i64, end: i64) -> OccupancyChange {
        take(name, trainer, start, end, Hold::Enforced)
    }

    /// A batch with one event a change.
    fn batch(tenant: &str, changes: impl IntoIterator<Item = OccupancyChange>) -> RoomBatch {
        let event = |(index, change)| NewEvent {
            row: EventRow {
                seq: index as u64 + 1,
                op_id: OpId(Uuid::new_v4()),
                actor: UserId::parse("olga").unwrap(),
                at: Instant(0),
                kind: "course_update".to_owned(),
                body: Vec::new(),
            },
            occupancy: vec![change],
        };
        RoomBatch {
            room: RoomId(Uuid::new_v4()),
            tenant: TenantId::parse(tenant).unwrap(),
            expected: Head { epoch: 1, seq: 0 },
            events: changes.into_iter().enumerate().map(event).collect(),
            policy: None,
        }
    }

    fn one_room(changes: impl IntoIterator<Item = OccupancyChange>) -> bool {
        order_matters(&[batch("acme", changes)])
    }

    #[test]
    fn moves_of_different_courses_go_together() {
        assert!(!one_room([]));
        assert!(!one_room([
            clear("a"),
            enforce("a", "anna", 9, 10),
            clear("b"),
            enforce("b", "anna", 10, 11),
            enforce("b", "bob", 9, 10),
        ]));
    }

    #[test]
    fn a_course_that_changes_its_mind_does_not() {
        assert!(one_room([enforce("a", "anna", 9, 10), clear("a")]));
        assert!(one_room([enforce("a", "anna", 9, 10), enforce("a", "anna", 12, 13)]));
        assert!(!one_room([clear("a"), clear("a"), enforce("a", "anna", 9, 10)]));
    }

    #[test]
    fn what_is_wanted_twice_does_not() {
        let anna = |hold| [enforce("a", "anna", 9, 11), take("b", "anna", 10, 12, hold)];
        assert!(one_room(anna(Hold::Enforced)) && one_room(anna(Hold::Overridden)));
        assert!(!one_room(anna(Hold::Free)));
        let [first, second] = anna(Hold::Overridden);
        assert!(one_room([second, first]));
        let over = |name, start, end| take(name, "anna", start, end, Hold::Overridden);
        assert!(!one_room([over("a", 9, 11), over("b", 10, 12)]));
        assert!(one_room([over("a", 9, 20), over("b", 10, 11), enforce("c", "anna", 15, 16)]));
        assert!(one_room([enforce("a", "anna", 9, 20), over("b", 9, 10), over("c", 15, 16)]));
    }

    #[test]
    fn rooms_meet_in_their_tenant() {
        let want = |tenant| batch(tenant, [enforce("a", "anna", 9, 10)]);
        assert!(order_matters(&[want("acme"), want("acme")]));
        assert!(!order_matters(&[want("acme"), want("globex")]));
    }
}
