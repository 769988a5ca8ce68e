//! The slots of a resource's time that an append locks before it writes: of two appends that want the same
//! hours of somebody one waits for the other, where the exclusion constraint alone would have each wait for the
//! other. Pure. All binaries on one database should compute the same numbers; where they don't, the constraint
//! decides, and a deadlock costs the server's timeout.

use crate::domain::{HOUR, Hold, Interval, OccupancyChange, ResourceKey, TenantId, hash64};
use crate::store::RoomBatch;
use crate::store::columns::kind_text;

/// Milliseconds of a slot: most classes are in one, and few rooms have the same trainer in the same four hours.
const LENGTH: i64 = 4 * HOUR;
/// The most locks of a call, which the server's table has to hold for all that are under way. What is beyond
/// is left to the constraint: a deadlock is then possible, found by the server, and tried again.
const MOST: usize = 256;

/// What these batches lock: each number once, in ascending order, which is the same for all appends. Where it
/// is too much, the smaller batches have all of theirs.
pub(super) fn of(batches: &[RoomBatch]) -> Vec<i64> {
    let mut of_each: Vec<_> = batches.iter().map(of_batch).collect();
    of_each.sort_by_key(Vec::len);
    once(of_each.into_iter().flatten().take(MOST).collect())
}

fn of_batch(batch: &RoomBatch) -> Vec<i64> {
    let changes = batch.events.iter().flat_map(|event| &event.occupancy);
    once(changes.flat_map(|change| touched(&batch.tenant, change)).collect())
}

fn once(mut numbers: Vec<i64>) -> Vec<i64> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Also what is given up: who takes it waits for the end of this append, and this one must not wait for
/// anything of theirs by then.
fn touched(tenant: &TenantId, change: &OccupancyChange) -> Vec<i64> {
    match change {
        OccupancyChange::Take { resource, during, hold: Hold::Enforced, .. } => {
            numbers(tenant, resource, *during).collect()
        }
        OccupancyChange::Take { .. } => Vec::new(),
        OccupancyChange::Clear { held, .. } => {
            held.iter().flat_map(|(resource, during)| numbers(tenant, resource, *during)).collect()
        }
    }
}

fn numbers(
    tenant: &TenantId,
    resource: &ResourceKey,
    during: Interval,
) -> impl Iterator<Item = i64> {
    slots(during).map(move |slot| number(tenant, resource, slot))
}

/// Two intervals that overlap have a slot in common.
fn slots(during: Interval) -> impl Iterator<Item = i64> {
    during.start.0.div_euclid(LENGTH)..=(during.end.0 - 1).div_euclid(LENGTH)
}

/// Two slots with the same number only wait for each other.
fn number(tenant: &TenantId, resource: &ResourceKey, slot: i64) -> i64 {
    let (kind, slot) = (kind_text(resource.kind), slot.to_string());
    hash64([tenant.as_str(), kind, resource.id.as_str(), &slot].into_iter()).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{
        CourseId, Instant, MINUTE, OpId, ResourceId, ResourceKind, RoomId, UserId,
    };
    use crate::store::{EventRow, Head, NewEvent};

    fn take(trainer: &str, start: i64, end: i64, hold: Hold) -> OccupancyChange {
        let during = Interval { start: Instant(start), end: Instant(end) };
        OccupancyChange::Take {
            course_id: CourseId::parse("yoga").unwrap(),
            resource: ResourceKey {
                kind: ResourceKind::Trainer,
                id: ResourceId::parse(trainer).unwrap(),
            },
            during,
            course: during,
            hold,
            kept: false,
        }
    }

    fn locked(tenant: &str, change: &OccupancyChange) -> Vec<i64> {
        touched(&TenantId::parse(tenant).unwrap(), change)
    }

    proptest! {
        #[test]
        fn whoever_wants_the_same_moment_has_a_lock_in_common(
            start in -10_000_i64..10_000, length in 1_i64..1_500, other in 1_i64..1_500, shared in 0_i64..1_500,
        ) {
            // The second begins within the first.
            let second = start + shared % length;
            let one = take("anna", start * MINUTE, (start + length) * MINUTE, Hold::Enforced);
            let two = take("anna", second * MINUTE, (second + other) * MINUTE, Hold::Enforced);
            let (one, two) = (locked("north", &one), locked("north", &two));
            prop_assert!(one.iter().any(|slot| two.contains(slot)));
        }
    }

    #[test]
    fn nobody_else_has_one_in_common() {
        let noon = take("anna", 11 * HOUR, 12 * HOUR, Hold::Enforced);
        let anna = locked("north", &noon);
        assert_eq!(anna.len(), 1, "a slot ends at noon, and the next is not touched");
        assert_ne!(anna, locked("south", &noon));
        assert_ne!(anna, locked("north", &take("ben", 11 * HOUR, 12 * HOUR, Hold::Enforced)));
        assert_ne!(anna, locked("north", &take("anna", 12 * HOUR, 13 * HOUR, Hold::Enforced)));
        assert_eq!(locked("north", &take("anna", 0, 24 * HOUR, Hold::Enforced)).len(), 6);
        for hold in [Hold::Free, Hold::Overridden] {
            assert!(locked("north", &take("anna", 11 * HOUR, 12 * HOUR, hold)).is_empty());
        }
    }

    #[test]
    fn what_is_given_up_is_locked_as_what_is_taken() {
        let taken = take("anna", 9 * HOUR, 13 * HOUR, Hold::Enforced);
        let OccupancyChange::Take { course_id, resource, during, .. } = taken.clone() else {
            unreachable!("it takes")
        };
        let given_up = OccupancyChange::Clear { course_id, held: vec![(resource, during)] };
        assert_eq!(locked("north", &given_up), locked("north", &taken));
    }

    /// A template for a season would leave everybody else's moves to the constraint.
    #[test]
    fn a_large_batch_leaves_the_small_ones_their_locks() {
        let batch = |room: u128, trainers: i64| RoomBatch {
            room: RoomId(uuid::Uuid::from_u128(room)),
            tenant: TenantId::parse("north").unwrap(),
            expected: Head { epoch: 1, seq: 0 },
            events: vec![NewEvent {
                row: EventRow {
                    seq: 1,
                    op_id: OpId(uuid::Uuid::from_u128(room)),
                    actor: UserId::parse("author").unwrap(),
                    at: Instant(0),
                    kind: "batch".to_owned(),
                    body: Vec::new(),
                },
                occupancy: (0..trainers)
                    .map(|n| take(&format!("t-{room}-{n}"), 0, HOUR, Hold::Enforced))
                    .collect(),
            }],
            policy: None,
        };
        let batches = [batch(1, 2_000), batch(2, 3), batch(3, 200)];
        let all = of(&batches);
        assert_eq!(all.len(), MOST);
        assert!(all.is_sorted());
        for small in &batches[1..] {
            assert!(of(std::slice::from_ref(small)).iter().all(|lock| all.contains(lock)));
        }
    }

    /// Binaries of two versions lock each other out.
    #[test]
    fn numbers_stay_what_they_are() {
        let change = take("anna", 0, HOUR, Hold::Enforced);
        assert_eq!(locked("north", &change), [1_731_973_472_399_578_131_i64]);
    }
}
